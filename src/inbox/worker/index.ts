export { InboxDirectory } from './directory.ts'
export type { TeamInboxEnv } from './platform.ts'
export { InboxProject } from './project.ts'
export { worker as default } from './worker.ts'
