/** Applications on `node:http` and its frameworks, bare and recorded, on one server. */
import 'reflect-metadata'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Controller, Get, HttpException, Module, Redirect, StreamableFile } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import compression from 'compression'
import express from 'express'
import fastify, { type RouteHandlerMethod } from 'fastify'
import { onTestFinished } from 'vitest'
import { withReplayStack } from '../../src/adapters/node/handler.ts'
import { replaystack } from '../../src/adapters/node/middleware.ts'
import { createReplayStackNestInterceptor } from '../../src/adapters/node/nest.ts'
import { memoryTransport } from '../../src/testing.ts'
import { listen } from '../support/node-server.ts'
import type { Host } from './compare.ts'
import { asksOf, createLedger } from './ledger.ts'
import { NODE_WAYS } from './node-ways.ts'
import { type Ask, RUN_HEADER, type Ways } from './way.ts'

/** Typed as Express 5: it has no types of its own. */
const express4: typeof express = createRequire(import.meta.url)('express-4')

const options = { apiKey: 'key', transport: memoryTransport() }
const ledger = createLedger(options.transport)
const file = fileURLToPath(new URL('../lambda/events/s3.json', import.meta.url))

const queryOf = (request: IncomingMessage): URL => new URL(request.url ?? '', 'http://shop.example')
const runOf = (request: IncomingMessage): string => String(request.headers[RUN_HEADER])
const nameOf = (request: IncomingMessage): string => queryOf(request).pathname.split('/')[2] ?? ''

const answerPlainly = (request: IncomingMessage, response: ServerResponse): void => {
  NODE_WAYS[nameOf(request)]?.answer(request, response, ledger.serverOf(request.url ?? '', runOf(request)))
}

const json: Ask = { method: 'POST', headers: ['content-type: application/json'], body: '{"a":1}' }

type ExpressAnswer = (request: express.Request, response: express.Response, next: (error?: unknown) => void) => unknown

const EXPRESS_WAYS: Ways<ExpressAnswer> = {
  'express-json': { answer: (_, response) => response.json({ a: 1 }) },
  'express-send': { answer: (_, response) => response.status(201).send('Hello') },
  'express-fresh': { headers: ['if-none-match: *'], answer: (_, response) => response.send('Hello') },
  'express-head': { method: 'HEAD', answer: (_, response) => response.send('Hello') },
  'express-file': { answer: (_, response) => response.sendFile(file) },
  'express-range': { headers: ['range: bytes=2-5'], answer: (_, response) => response.sendFile(file) },
  'express-bad-range': { headers: ['range: bytes=90000-'], answer: (_, response) => response.sendFile(file) },
  'express-redirect': { answer: (_, response) => response.redirect('/elsewhere') },
  'express-cookie': { answer: (_, response) => response.cookie('a', '1').cookie('b', '2').end() },
  'express-parsed': { ...json, answer: (request, response) => response.json(request.body) },
  'express-badly-parsed': { ...json, body: '{"a"', answer: (_, response) => response.end() },
  'express-gzip': {
    headers: ['accept-encoding: gzip'],
    answer: (request, response) =>
      compression({ threshold: 0 })(request, response, () => response.json({ a: 'x'.repeat(2000) })),
  },
  'express-next': { answer: (_, __, next) => next(new Error('no')) },
  'express-throws': {
    answer() {
      throw Object.assign(new Error('no'), { status: 418 })
    },
  },
}

function createExpress(create: typeof express, recorded: boolean): RequestListener {
  const app = create()
  // Otherwise it sends the stacks of errors.
  app.set('env', 'production')
  if (recorded) app.use(replaystack(options))
  // Only here: a way that reads for itself finds nothing after a parser.
  for (const [name, { answer }] of Object.entries(EXPRESS_WAYS)) app.all(`/:application/${name}`, create.json(), answer)
  app.use((request, response, next) => (nameOf(request) in NODE_WAYS ? answerPlainly(request, response) : next()))
  return app
}

type FastifyAnswer = RouteHandlerMethod

const FASTIFY_WAYS: Ways<FastifyAnswer> = {
  'fastify-json': { answer: async () => ({ a: 1 }) },
  'fastify-text': { answer: async () => 'Hello' },
  'fastify-bytes': { answer: async () => Buffer.from('Hello') },
  'fastify-send': { answer: (_, reply) => reply.code(201).header('X-Own', 'yes').send({ a: 1 }) },
  'fastify-response': { answer: async () => Response.json({ a: 1 }) },
  'fastify-parsed': { ...json, answer: async request => request.body },
  'fastify-badly-parsed': { ...json, body: '{"a"', answer: async () => '' },
  'fastify-redirect': { answer: (_, reply) => reply.redirect('/elsewhere') },
  'fastify-throws': {
    async answer() {
      throw new Error('no')
    },
  },
  'fastify-hijacked': {
    answer(_, reply) {
      reply.hijack()
      reply.raw.end('Hello')
    },
  },
}

async function createFastify(recorded: boolean): Promise<RequestListener> {
  const app = fastify()
  const recorder = replaystack(options)
  if (recorded) {
    app.addHook('onRequest', (request, reply, done) => recorder(request.raw, reply.raw, done))
    app.addHook('onError', (request, reply, error, done) => {
      recorder.errorHandler(error, request.raw, reply.raw, () => done())
    })
  }
  for (const [name, { answer }] of Object.entries(FASTIFY_WAYS)) app.all(`/:application/${name}`, answer)
  await app.ready()
  onTestFinished(() => app.close())
  return (request, response) => app.routing(request, response)
}

const NEST_WAYS: Ways<() => unknown> = {
  'nest-json': { answer: () => ({ a: 1 }) },
  'nest-text': { answer: () => 'Hello' },
  'nest-nothing': { answer: () => undefined },
  'nest-file': { answer: () => new StreamableFile(Buffer.from('Hello')) },
  'nest-refuses': {
    answer() {
      throw new HttpException('not yours', 403)
    },
  },
  'nest-throws': {
    async answer() {
      throw new Error('no')
    },
  },
}

async function createNest(how: 'bare' | 'middleware' | 'interceptor'): Promise<RequestListener> {
  class Ways {}
  for (const [name, { answer }] of Object.entries(NEST_WAYS)) {
    Object.defineProperty(Ways.prototype, name, { value: answer, configurable: true, writable: true })
    const descriptor = Object.getOwnPropertyDescriptor(Ways.prototype, name)
    if (descriptor) Get(name)(Ways.prototype, name, descriptor)
  }
  Object.defineProperty(Ways.prototype, 'redirects', { value() {}, configurable: true, writable: true })
  const redirects = Object.getOwnPropertyDescriptor(Ways.prototype, 'redirects')
  if (redirects) {
    Get('nest-redirect')(Ways.prototype, 'redirects', redirects)
    Redirect('/elsewhere', 301)(Ways.prototype, 'redirects', redirects)
  }
  Controller(':application')(Ways)
  class App {}
  Module({ controllers: [Ways] })(App)
  const app = await NestFactory.create(App, { logger: false })
  if (how === 'middleware') app.use(replaystack(options))
  if (how === 'interceptor') app.useGlobalInterceptors(createReplayStackNestInterceptor(options))
  await app.init()
  onTestFinished(() => app.close())
  return app.getHttpAdapter().getInstance()
}

/** Serves all until the test is over. */
export async function startNodeApps(): Promise<Host> {
  const recorder = replaystack(options)
  const applications: Record<string, RequestListener> = {
    'bare-http': answerPlainly,
    'ours-http': (request, response) => recorder(request, response, () => answerPlainly(request, response)),
    'bare-handler': answerPlainly,
    'ours-handler': withReplayStack(answerPlainly, options),
    'bare-express4': createExpress(express4, false),
    'ours-express4': createExpress(express4, true),
    'bare-express5': createExpress(express, false),
    'ours-express5': createExpress(express, true),
    'bare-fastify': await createFastify(false),
    'ours-fastify': await createFastify(true),
    'bare-nest': await createNest('bare'),
    'ours-nest': await createNest('middleware'),
    'bare-nest-interceptor': await createNest('bare'),
    'ours-nest-interceptor': await createNest('interceptor'),
  }
  const { port } = await listen((request, response) => {
    const [, first = '', second = ''] = queryOf(request).pathname.split('/')
    if (first !== 'control') return applications[`${runOf(request).slice(0, 4)}-${first}`]?.(request, response)
    const run = queryOf(request).searchParams.get('run') ?? ''
    response.end(JSON.stringify(ledger.control(second, run)))
  })
  const plain = asksOf(NODE_WAYS)
  const nest = { ...asksOf(NEST_WAYS), 'nest-redirect': {}, 'nest-unknown': {} }
  return {
    port,
    applications: {
      http: plain,
      handler: plain,
      express4: { ...plain, ...asksOf(EXPRESS_WAYS), 'express-unknown': {} },
      express5: { ...plain, ...asksOf(EXPRESS_WAYS), 'express-unknown': {} },
      fastify: { ...asksOf(FASTIFY_WAYS), 'fastify-unknown': {} },
      nest,
      'nest-interceptor': nest,
    },
  }
}
