import { writeFile } from 'node:fs/promises'
import { InboxError } from '../inbox-error.ts'

/**
 * Writes a file for the user of a command.
 *
 * @param force whether it may be there already
 * @throws InboxError in one line
 */
export async function saveFile(file: string, text: string, force: boolean): Promise<void> {
  try {
    await writeFile(file, text, { flag: force ? 'w' : 'wx' })
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? error.code : undefined
    if (reason === 'EEXIST') throw new InboxError(`${file} exists already; --force writes over it`, { cause: error })
    throw new InboxError(`${file} cannot be written: ${String(reason)}`, { cause: error })
  }
}
