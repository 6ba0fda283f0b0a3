import type { Clock } from '@millrace/core'
import type { Asked } from './asked.ts'
import type { HttpCacheSettings } from './options.ts'
import { Passes } from '../passes.ts'
import type { Place, Responses } from '../responses.ts'

/** What requests have in common. */
export class Service {
  readonly settings: HttpCacheSettings
  readonly clock: Clock
  readonly responses: Responses
  readonly passes: Passes
  /** For requests with credentials: what is not stored for them may well be for others. */
  readonly personalPasses: Passes
  /** Of bodies that are on their way and to be stored; at most `maxBytes`. */
  recordingBytes = 0

  constructor(settings: HttpCacheSettings, clock: Clock, responses: Responses) {
    this.settings = settings
    this.clock = clock
    this.responses = responses
    this.passes = new Passes(clock, settings.passMs)
    this.personalPasses = new Passes(clock, settings.passMs)
  }

  /** Whether a request for this place is not to wait for others. */
  isPass(asked: Asked, place: Place): boolean {
    return this.passes.has(place.id) || (isPersonal(asked) && this.personalPasses.has(place.id))
  }

  markPass(asked: Asked, place: Place): void {
    if (isPersonal(asked)) this.personalPasses.mark(place.id)
    else this.passes.mark(place.id)
  }
}

const isPersonal = ({ credentials }: Asked): boolean => credentials.cookie || credentials.authorization
