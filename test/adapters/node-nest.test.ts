/** Nest's interceptor and filter, on Nest itself. */
import 'reflect-metadata'
import type { AddressInfo } from 'node:net'
import {
  type ArgumentsHost,
  Body,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  ForbiddenException,
  Get,
  type INestApplication,
  Module,
  type NestInterceptor,
  NotFoundException,
  Post,
  UseFilters,
  UseGuards,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { Observable } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { replaystack } from '../../src/adapters/node/middleware.ts'
import {
  createReplayStackNestExceptionFilter,
  createReplayStackNestInterceptor,
  type NestContext,
} from '../../src/adapters/node/nest.ts'
import { currentScope } from '../../src/client/scope.ts'
import { record, send } from '../support/node-server.ts'

/** Answers an exception as if there had been none. */
class ForgivingFilter implements ExceptionFilter {
  catch(_: unknown, host: ArgumentsHost): void {
    host.switchToHttp().getResponse().status(200).json({ forgiven: true })
  }
}
Catch()(ForgivingFilter)

class RefusingGuard implements CanActivate {
  canActivate(): boolean {
    throw new ForbiddenException('not yours')
  }
}

class Orders {
  create(body: object): object {
    return { ...body, scoped: currentScope() !== undefined }
  }
  fails(): never {
    throw new RangeError('out of stock')
  }
  missing(): never {
    throw new NotFoundException('no such order')
  }
  guarded(): string {
    return 'never'
  }
  forgiven(): never {
    throw new Error('never mind')
  }
}
const decorate = (name: keyof Orders, ...decorators: MethodDecorator[]) => {
  for (const decorator of decorators) {
    decorator(Orders.prototype, name, Object.getOwnPropertyDescriptor(Orders.prototype, name) ?? {})
  }
}
decorate('create', Post())
Body()(Orders.prototype, 'create', 0)
decorate('fails', Get('fails'))
decorate('missing', Get('missing/:id'))
decorate('guarded', Get('guarded'), UseGuards(RefusingGuard))
decorate('forgiven', Get('forgiven'), UseFilters(ForgivingFilter))
Controller('orders')(Orders)

class AppModule {}
Module({ controllers: [Orders] })(AppModule)

async function serve(setUp: (app: INestApplication) => void): Promise<number> {
  const app = await NestFactory.create(AppModule, { logger: false })
  setUp(app)
  await app.listen(0, '127.0.0.1')
  onTestFinished(() => app.close())
  return (app.getHttpServer().address() as AddressInfo).port
}

const PATHS = ['/orders/fails', '/orders/missing/7', '/orders/guarded', '/orders/forgiven', '/nowhere']
const answers = (port: number) =>
  Promise.all(
    PATHS.map(async path => {
      const { status, text } = await send(port, path)
      return [status, text]
    }),
  )

it('leaves every response as Nest and the application’s own filters make it', async () => {
  const bare = await serve(() => {})
  const { options } = record()
  const recorded = await serve(app => {
    app.useGlobalInterceptors(createReplayStackNestInterceptor(options))
    app.useGlobalFilters(new ForgivingFilter(), createReplayStackNestExceptionFilter(options))
  })
  const alone = await serve(app => app.useGlobalFilters(new ForgivingFilter()))
  expect(await answers(recorded)).toEqual(await answers(alone))
  const plain = await serve(app => {
    app.useGlobalInterceptors(createReplayStackNestInterceptor(options))
    app.useGlobalFilters(createReplayStackNestExceptionFilter(options))
  })
  expect(await answers(plain)).toEqual(await answers(bare))
})

describe('the interceptor', () => {
  it('records requests with their bodies, routes and scope', async () => {
    const { options, event } = record()
    const port = await serve(app => app.useGlobalInterceptors(createReplayStackNestInterceptor(options)))
    const created = await send(port, '/orders', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"item":"book","pin":1}',
    })
    expect(JSON.parse(created.text)).toEqual({ item: 'book', pin: 1, scoped: true })
    expect(await event()).toMatchObject({
      endpoint: '/orders',
      method: 'POST',
      statusCode: 201,
      requestPayload: { item: 'book', pin: '[MASKED]' },
      responsePayload: { item: 'book', pin: '[MASKED]', scoped: true },
      metadata: { route: '/orders' },
    })
  })

  it('records what a controller throws', async () => {
    const { options, events } = record()
    const port = await serve(app => app.useGlobalInterceptors(createReplayStackNestInterceptor(options)))
    for (const path of PATHS) await send(port, path)
    const [fails, missing, forgiven] = await events(3)
    expect(fails).toMatchObject({
      status: 'failed',
      statusCode: 500,
      errorName: 'RangeError',
      errorMessage: 'out of stock',
      logs: [{ message: 'out of stock' }],
    })
    expect(missing).toMatchObject({
      status: 'warning',
      statusCode: 404,
      errorMessage: 'no such order',
      metadata: { route: '/orders/missing/:id' },
    })
    expect(forgiven).toMatchObject({ status: 'success', responsePayload: { forgiven: true } })
    expect(forgiven).not.toHaveProperty('errorName')
  })

  it.each(['graphql', 'ws', 'rpc'])('lets %s pass, the very same stream', type => {
    const { options, client } = record()
    const stream = new Observable()
    const context: NestContext = {
      getType: () => type,
      switchToHttp() {
        throw new Error('It was asked for a request.')
      },
    }
    expect(createReplayStackNestInterceptor(options).intercept(context, { handle: () => stream })).toBe(stream)
    expect(client.stats().captured).toBe(0)
  })
})

describe('the filter', () => {
  it('records what guards refuse and nobody routes, beside the middleware', async () => {
    const { options, events } = record()
    const port = await serve(app => {
      app.use(replaystack(options))
      app.useGlobalInterceptors(createReplayStackNestInterceptor(options))
      app.useGlobalFilters(createReplayStackNestExceptionFilter())
    })
    for (const path of PATHS) await send(port, path)
    expect(await events(PATHS.length)).toMatchObject([
      { endpoint: '/orders/fails', errorName: 'RangeError', statusCode: 500 },
      { endpoint: '/orders/missing/7', errorMessage: 'no such order', statusCode: 404 },
      { endpoint: '/orders/guarded', errorMessage: 'not yours', statusCode: 403 },
      { endpoint: '/orders/forgiven', statusCode: 200, status: 'success' },
      { endpoint: '/nowhere', statusCode: 404 },
    ])
  })

  it('is for no exception, and looks at each', () => {
    const filter = createReplayStackNestExceptionFilter()
    const [none]: object[] = Reflect.getMetadata('__filterCatchExceptions__', filter.constructor)
    expect(new Error('x') instanceof (none as never)).toBe(false)
    const context: NestContext = { getType: () => 'graphql', switchToHttp: () => expect.fail() }
    const error = new Error('x')
    expect(() => filter.catch(error, context)).toThrow(error)
  })
})

it('has the types that Nest asks for', () => {
  const interceptor: NestInterceptor = createReplayStackNestInterceptor()
  const filter: ExceptionFilter = createReplayStackNestExceptionFilter()
  expect([typeof interceptor.intercept, typeof filter.catch]).toEqual(['function', 'function'])
  expect(() => createReplayStackNestInterceptor({ captureHeaders: 'yes' as never })).toThrow(TypeError)
})
