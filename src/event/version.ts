declare const __SDK_VERSION__: string

/** What the ingest API sees as `x-replaystack-sdk`. */
export const SDK_NAME = 'typescript-edge'

/** The package's own version, put in when it is built: `x-replaystack-sdk-version`. */
export const SDK_VERSION: string = __SDK_VERSION__
