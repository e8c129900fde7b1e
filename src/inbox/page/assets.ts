import { hashText } from '../text-hash.ts'
import { clientScript } from './client-script.ts'
import { settingsScript } from './client-settings.ts'
import { stylesheet } from './stylesheet.ts'

/** Addresses of what a page loads. Each holds what its text is, so that a browser keeps it until it is another. */
export interface AssetUrls {
  style: string
  script: string
  settings: string
  icon: string
}

export interface Asset {
  path: string
  contentType: string
  text: string
}

export interface Assets {
  urls: AssetUrls
  /** What is at each path; the query of an address only tells browsers apart what they have kept. */
  files: readonly Asset[]
}

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#5b63d6" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"><path d="M12 3a9 9 0 1 1-8.3 5.5"/><path d="M2.2 3.2 3.4 9l5.5-1.7"/><path d="M10 8.4v7.2l5.6-3.6Z" fill="#5b63d6" stroke="none"/></svg>`

/** All that a page loads: one stylesheet, one script, one that applies remembered settings, one icon. */
export function createAssets(): Assets {
  const files: Readonly<Record<keyof AssetUrls, Asset>> = {
    style: { path: '/inbox.css', contentType: 'text/css; charset=utf-8', text: stylesheet() },
    script: { path: '/inbox.js', contentType: 'text/javascript; charset=utf-8', text: clientScript() },
    settings: { path: '/settings.js', contentType: 'text/javascript; charset=utf-8', text: settingsScript() },
    icon: { path: '/icon.svg', contentType: 'image/svg+xml', text: ICON },
  }
  const address = ({ path, text }: Asset) => `${path}?v=${hashText(text)}`
  const { style, script, settings, icon } = files
  return {
    urls: { style: address(style), script: address(script), settings: address(settings), icon: address(icon) },
    files: Object.values(files),
  }
}
