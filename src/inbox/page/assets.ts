/** What a page loads. */
export interface Asset {
  /** Holds the text's hash: a browser may keep it for good. */
  path: string
  contentType: string
  text: string
}

declare const __PAGE_ASSETS__: Readonly<Record<'style' | 'script' | 'teamScript' | 'settings' | 'icon', Asset>>

/** One stylesheet, a project's script, that of a team's pages, one that applies remembered settings, one icon; bundled when the package is built. */
export const assets: Readonly<Record<'style' | 'script' | 'teamScript' | 'settings' | 'icon', Asset>> = __PAGE_ASSETS__
