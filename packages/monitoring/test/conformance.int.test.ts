import { conformance } from '@millrace/testing/conformance'
import { capability } from '../src/capability.ts'

conformance(capability)
