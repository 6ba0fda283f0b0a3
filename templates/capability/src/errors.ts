import { defineErrors } from '@millrace/core'

export const sampleErrors = defineErrors('SAMPLE', {
  DISK_UNREADABLE: {
    status: 503,
    title: 'Disk cannot be read',
    message: (d: { folder: string; reason: string }) =>
      `The file system of ${d.folder} cannot be read: ${d.reason}`,
    expose: true,
  },
})
