/** An error whose message tells its reader everything: the command prints it as one line and exits with 2. */
export class InboxError extends Error {
  override name = 'InboxError'
}
