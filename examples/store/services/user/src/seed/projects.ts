import { createRandom, MEMBER_COUNT, pastMoment, PICTURES, pictureTitle } from '@millrace-store/store/data'

export const PROJECT_COUNT = 400
export const DOCUMENT_COUNT = 3_000
export const TASK_COUNT = 12_000

const KINDS = ['Exhibition', 'Portfolio', 'Calendar', 'Book', 'Restoration', 'Workshop']
const DOCUMENTS = ['Hanging plan', 'Budget', 'Captions', 'Minutes', 'Paper tests', 'Checklist', 'Press text']
const TASKS = [
  'Order paper',
  'Cut mats',
  'Write captions',
  'Book the room',
  'Proof prints',
  'Frame',
  'Invite',
  'Pack',
]
const NOTES = [
  'Agreed on the larger size for the entrance wall.',
  'Two suppliers have been asked, one has answered.',
  'The order of the pictures follows the river downstream.',
  'Everything on this list has to be done before the varnish dries.',
]

export function createProjects(anchor: Date): { projects: object[]; documents: object[]; tasks: object[] } {
  const random = createRandom('projects')
  const member = (): number => random.int(1, MEMBER_COUNT)
  const project = (): number => random.popular(PROJECT_COUNT) + 1
  return {
    projects: Array.from({ length: PROJECT_COUNT }, (_, index) => ({
      id: index + 1,
      name: `${random.pick(KINDS)}: ${pictureTitle(random.pick(PICTURES))}`,
      owner_id: member(),
      status: random.pick(['planned', 'active', 'active', 'done']),
      created_at: pastMoment(random, anchor, 700),
    })),
    documents: Array.from({ length: DOCUMENT_COUNT }, () => ({
      project_id: project(),
      author_id: member(),
      title: random.pick(DOCUMENTS),
      body: random.sample(NOTES, random.int(1, 4)).join('\n\n'),
      updated_at: pastMoment(random, anchor, 600),
    })),
    tasks: Array.from({ length: TASK_COUNT }, () => {
      const created_at = pastMoment(random, anchor, 600)
      return {
        project_id: project(),
        assignee_id: member(),
        title: random.pick(TASKS),
        status: random.pick(['open', 'open', 'in progress', 'done', 'done']),
        due_at: new Date(created_at.getTime() + random.int(2, 60) * 86_400_000),
        created_at,
      }
    }),
  }
}
