/** A section in a process of its own: the module that is named. */
import { pathToFileURL } from 'node:url'
import { serveParent } from './helper.mjs'

const { measure } = await import(pathToFileURL(process.argv[2]))
serveParent({ measure })
