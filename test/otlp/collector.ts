/** A collector that takes what OpenTelemetry's own protobuf schema takes, and nothing else. */
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import generated from '@opentelemetry/otlp-transformer/build/src/generated/root.js'
import { onTestFinished } from 'vitest'
import { isFunction, read } from '../../src/safe-read.ts'

/** A message's type, as protobufjs generates it. */
interface MessageType {
  fromObject(object: object): object
  encode(message: object): { finish(): Uint8Array }
  decode(bytes: Uint8Array): object
  toObject(message: object, options: object): Record<string, unknown>
}

const isMessageType = (value: unknown): value is MessageType => isFunction(read(value, 'fromObject'))

const ExportLogsServiceRequest = read(
  generated,
  ...['opentelemetry', 'proto', 'collector', 'logs', 'v1', 'ExportLogsServiceRequest'],
)

const isId = (name: string): boolean => name === 'traceId' || name === 'spanId'

/** The schema's JSON has bytes in base64; OTLP has ids in hexadecimal digits. */
const asBase64 = (name: string, value: unknown): unknown =>
  isId(name) ? Buffer.from(String(value), 'hex').toString('base64') : value

/** Protobuf has no empty lists: they are lists that are absent. */
const withoutEmpty = (_name: string, value: unknown): unknown =>
  Array.isArray(value) && value.length === 0 ? undefined : value

/** A key and its value, plain. */
export type Attributes = Record<string, unknown>

export interface ReceivedRecord extends Record<string, unknown> {
  resource: Attributes
  attributes: Attributes
}

interface AnyValue {
  stringValue?: string
  boolValue?: boolean
  intValue?: string
  doubleValue?: number
  arrayValue?: { values?: AnyValue[] }
  kvlistValue?: { values?: { key: string; value?: AnyValue }[] }
}

interface Export {
  resourceLogs: {
    resource: { attributes: { key: string; value?: AnyValue }[] }
    scopeLogs: { scope: object; logRecords: ({ attributes: { key: string; value?: AnyValue }[] } & object)[] }[]
  }[]
}

function plain(value: AnyValue = {}): unknown {
  if (value.kvlistValue) return attributesOf(value.kvlistValue.values)
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(plain)
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? (value.intValue && Number(value.intValue)) ?? null
}

const attributesOf = (list: { key: string; value?: AnyValue }[] = []): Attributes =>
  Object.fromEntries(list.map(({ key, value }) => [key, plain(value)]))

/**
 * The records of an export.
 * @throws {Error} where the schema would write the same export otherwise: a name that it has not, a number for a text
 */
export function readExport(body: string): ReceivedRecord[] {
  if (!isMessageType(ExportLogsServiceRequest)) throw new Error('The schema has no logs.')
  const sent: Export = JSON.parse(body, withoutEmpty)
  const message = ExportLogsServiceRequest.fromObject(JSON.parse(body, asBase64))
  const decoded = ExportLogsServiceRequest.decode(ExportLogsServiceRequest.encode(message).finish())
  const again = ExportLogsServiceRequest.toObject(decoded, { longs: String, bytes: String })
  const schemas = JSON.parse(JSON.stringify(again), (name, value) =>
    isId(name) ? Buffer.from(value, 'base64').toString('hex') : withoutEmpty(name, value),
  )
  const [is, shouldBe] = [sorted(sent), sorted(schemas)]
  if (is !== shouldBe) throw new Error(`The schema reads ${shouldBe}, which was sent as ${is}.`)
  return sent.resourceLogs.flatMap(({ resource, scopeLogs }) =>
    scopeLogs.flatMap(({ logRecords }) =>
      logRecords.map(record => ({
        ...record,
        resource: attributesOf(resource.attributes),
        attributes: attributesOf(record.attributes),
      })),
    ),
  )
}

/** JSON text whose members are in order. */
const sorted = (value: unknown): string =>
  JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)))
      : member,
  )

/** What it does with one request instead of taking it. */
export type Fault = { status: number; headers?: Record<string, string>; body?: string } | 'hang' | 'reset'

export interface RunningCollector {
  /** `http://127.0.0.1:PORT` */
  origin: string
  url: string
  faults: Fault[]
  /** What every request is met with, while it is set. */
  always: Fault | undefined
  requests: { headers: Record<string, unknown>; body: string }[]
  /** What it has taken. */
  records: ReceivedRecord[]
}

/** Listens on a free loopback port until the test is over. */
export async function startCollector(...faults: Fault[]): Promise<RunningCollector> {
  const sockets = new Set<Socket>()
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    collector.requests.push({ headers: request.headers, body })
    const fault = collector.always ?? collector.faults.shift()
    const respond = (status: number, text: string, headers = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text)
    }
    if (fault === 'hang') return
    if (fault === 'reset') return void request.socket.destroy()
    if (fault) return respond(fault.status, fault.body ?? '', fault.headers)
    if (request.url !== '/v1/logs') return respond(404, '')
    if (request.headers['content-type'] !== 'application/json') return respond(415, '')
    try {
      collector.records.push(...readExport(body))
      respond(200, '{}')
    } catch (error) {
      respond(400, JSON.stringify({ code: 3, message: String(error) }))
    }
  })
  server.on('connection', socket => sockets.add(socket))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  const collector: RunningCollector = {
    origin,
    url: `${origin}/v1/logs`,
    faults,
    always: undefined,
    requests: [],
    records: [],
  }
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return collector
}
