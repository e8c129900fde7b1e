import type { ObjectNamespace, ObjectStub, TeamInboxEnv } from './platform.ts'

/** The object of a name: each project has one of its own. */
export function stubOf(namespace: ObjectNamespace, name: string): ObjectStub {
  return namespace.get(namespace.idFromName(name))
}

/** The one object that knows all projects. */
export function directoryOf({ DIRECTORY }: TeamInboxEnv): ObjectStub {
  return stubOf(DIRECTORY, 'directory')
}
