import { afterEach, expect, it, vi } from 'vitest'
import { withReplayStack } from '../../src/adapters/fetch.ts'
import { lazySetup } from '../../src/observe/setup.ts'
import { wrapMethods } from '../../src/observe/wrap.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})

it('takes the variables of a handler’s env over those of the process', () => {
  vi.stubEnv('REPLAYSTACK_API_KEY', 'rs_live_process')
  vi.stubEnv('REPLAYSTACK_SERVICE_NAME', 'of the process')
  const env = { REPLAYSTACK_SERVICE_NAME: 'of env' }
  expect(lazySetup()(env).pipeline.settings).toMatchObject({ apiKey: 'rs_live_process', serviceName: 'of env' })
  expect(lazySetup()().pipeline.settings).toMatchObject({ apiKey: 'rs_live_process', serviceName: 'of the process' })
})

it.each([
  ['Cloudflare-Workers', ' Set REPLAYSTACK_API_KEY (.dev.vars, or npx wrangler secret put). No request is recorded.'],
  ['Node.js/24', ' Set REPLAYSTACK_API_KEY. No request is recorded.'],
])('says on %s where the missing key belongs', (userAgent, words) => {
  vi.stubGlobal('navigator', { userAgent })
  const errors: Error[] = []
  lazySetup({ onError: error => errors.push(error) })({})
  expect(errors.map(({ message }) => message)).toEqual([`ReplayStack apiKey is required.${words}`])
})

it('contains a configuration that throws what cannot be looked at', async () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  vi.stubGlobal('console', { ...console, warn: vi.fn() })
  const handler = withReplayStack(
    (_: Request) => new Response('ok'),
    () => {
      throw proxy
    },
  )
  expect(await (await handler(new Request('http://h/'))).text()).toBe('ok')
  expect(console.warn).toHaveBeenCalledOnce()
})

it('calls a wrapped method on its own object, and one that was taken away on whatever it is called on', () => {
  class Host {
    #own = 'own'
    who(): unknown {
      return #own in this ? this.#own : this
    }
  }
  const wrapped = wrapMethods(new Host(), { who: (method, self, args) => Reflect.apply(method, self, args) })
  expect(wrapped.who()).toBe('own')
  const other = {}
  expect(Reflect.apply(wrapped.who, other, [])).toBe(other)
})
