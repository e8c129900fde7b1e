/** A process that opens databases together with others: `open-at-once.ts FILE...`, each when a line tells it to. */
import { once } from 'node:events'
import { openDatabase } from '../../src/inbox/local/sqlite-file.ts'

for (const file of process.argv.slice(2)) {
  process.stdout.write('ready\n')
  await once(process.stdin, 'data')
  const database = openDatabase(file)
  database.prepare('SELECT count(*) FROM events').get()
  database.close()
}
process.exit()
