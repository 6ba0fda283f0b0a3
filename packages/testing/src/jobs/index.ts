export * from './job-queue-suite.ts'
