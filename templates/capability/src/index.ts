export { readDiskUsage, type DiskUsage } from './disk/disk-usage.ts'
export { sampleErrors } from './errors.ts'
