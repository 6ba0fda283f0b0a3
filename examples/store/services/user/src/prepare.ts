import { createLogger } from '@millrace/core'
import { continueIdentity, insertRows, migrate } from '@millrace-store/store/migrate'
import { requireSetting } from '@millrace-store/store/service'
import type { Client } from 'pg'
import { collaborationMigrations, messageMigrations, userMigrations } from './migrations.ts'

// Run by the platform before the first instance starts (`prepare` in millrace.config.ts).

const anchor = async (): Promise<Date> => (await import('@millrace-store/store/data')).startOfDay(new Date())

async function seedUsers(client: Client): Promise<void> {
  const { createNotifications, createSkills, createUsers } = await import('./seed/users.ts')
  const today = await anchor()
  await insertRows(client, 'users', createUsers(today))
  await insertRows(client, 'skills', createSkills(today))
  await insertRows(client, 'notifications', createNotifications(today))
  await continueIdentity(client, ['users'])
}

async function seedMessages(client: Client): Promise<void> {
  const { createMessages } = await import('./seed/messages.ts')
  const { conversations, participants, messages } = createMessages(await anchor())
  await insertRows(client, 'conversations', conversations)
  await insertRows(client, 'participants', participants)
  await insertRows(client, 'messages', messages)
  await continueIdentity(client, ['conversations'])
}

async function seedProjects(client: Client): Promise<void> {
  const { createProjects } = await import('./seed/projects.ts')
  const { projects, documents, tasks } = createProjects(await anchor())
  await insertRows(client, 'projects', projects)
  await insertRows(client, 'documents', documents)
  await insertRows(client, 'tasks', tasks)
  await continueIdentity(client, ['projects'])
}

const logger = createLogger({ bindings: { component: 'user-prepare' } })
const [users, messages, collaboration] = await Promise.all([
  migrate({ url: requireSetting('DATABASE_URL'), migrations: userMigrations, seed: seedUsers }),
  migrate({
    url: requireSetting('MESSAGES_DATABASE_URL'),
    migrations: messageMigrations,
    seed: seedMessages,
  }),
  migrate({
    url: requireSetting('COLLABORATION_DATABASE_URL'),
    migrations: collaborationMigrations,
    seed: seedProjects,
  }),
])
logger.info({ users, messages, collaboration }, 'user, messages and collaboration databases are ready')
