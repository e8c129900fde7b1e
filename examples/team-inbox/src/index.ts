/** A team's inbox: all of it comes with the package. */
export { default, InboxDirectory, InboxProject } from '@replaystack/edge/inbox-worker'
