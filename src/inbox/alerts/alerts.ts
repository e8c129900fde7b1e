/** A project's alerts: rules, what triggers them, and messages on their way. */
import type { EventFeed } from '../event-feed.ts'
import { InvalidInputError } from '../invalid-input.ts'
import {
  addAlert,
  addDelivery,
  countMatches,
  enabledRules,
  findRule,
  listAlerts,
  markOutcome,
  markTriggered,
  newestMatch,
  newestSequence,
  nextDeliveryAt,
  putOffDelivery,
  readMark,
  removeAlert,
  removeDelivery,
  takeDueDeliveries,
  updateAlert,
  writeMark,
} from '../sql/alert-queries.ts'
import type { SqlDriver } from '../sql/driver.ts'
import { type Alert, type AlertRule, readAlertFields, windowMsOf } from './alert.ts'
import { writeAlertMessage } from './alert-message.ts'
import { createSigningSecret, sendWebhook } from './webhook.ts'

const MAX_ALERTS = 50
/** Messages that are sent at once. */
const MAX_SENT = 10
/** Milliseconds for which a message is somebody's who sends it: longer than a webhook is waited for. */
const LEASE_MS = 60_000
/** Milliseconds until a message is sent again, by how often it was; after the last it is given up. Ten hours in all. */
const PAUSES_MS = [10_000, 60_000, 300_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000]

export interface AlertsOptions {
  driver: SqlDriver
  feed: EventFeed
  project: string
  /** @default Date.now */
  now?: () => number
}

export class Alerts {
  readonly #driver: SqlDriver
  readonly #feed: EventFeed
  readonly #project: string
  readonly #now: () => number

  constructor({ driver, feed, project, now = Date.now }: AlertsOptions) {
    this.#driver = driver
    this.#feed = feed
    this.#project = project
    this.#now = now
  }

  list(): Alert[] {
    return listAlerts(this.#driver)
  }

  find(alertId: string): Alert | undefined {
    return this.list().find(alert => alert.alertId === alertId)
  }

  /**
   * @returns the secret that messages are signed by, which is never shown again
   * @throws InvalidInputError
   */
  add(given: unknown, inboxUrl: string): { alertId: string; secret: string } {
    const fields = readAlertFields(given, inboxUrl)
    // What came before a rule does not trigger it.
    this.check()
    if (this.list().length >= MAX_ALERTS) throw new InvalidInputError(`A project has ${MAX_ALERTS} alerts at most`)
    const rule: AlertRule = { ...fields, alertId: crypto.randomUUID(), secret: createSigningSecret(), inboxUrl }
    addAlert(this.#driver, rule, this.#now())
    return { alertId: rule.alertId, secret: rule.secret }
  }

  /**
   * @returns `undefined` when the id is unknown
   * @throws InvalidInputError
   */
  update(alertId: string, given: unknown): Alert | undefined {
    const rule = findRule(this.#driver, alertId)
    if (!rule) return undefined
    this.check()
    updateAlert(this.#driver, alertId, readAlertFields(given, rule.inboxUrl, rule))
    return this.find(alertId)
  }

  /** @returns whether there was one */
  remove(alertId: string): boolean {
    return removeAlert(this.#driver, alertId)
  }

  /**
   * Sends a message that says it is a test, once.
   *
   * @returns why it was not taken, or nothing; `undefined` when the id is unknown
   */
  async test(alertId: string): Promise<{ failure?: string | undefined } | undefined> {
    const rule = findRule(this.#driver, alertId)
    if (!rule) return undefined
    const triggeredAt = new Date(this.#now()).toISOString()
    const body = writeAlertMessage(rule, { project: this.#project, count: 0, triggeredAt, isTest: true })
    const failure = await sendWebhook({ id: crypto.randomUUID(), url: rule.url, secret: rule.secret, body })
    markOutcome(this.#driver, alertId, failure, this.#now())
    return { failure }
  }

  /** Whether anything is to be checked. */
  hasRules(): boolean {
    return enabledRules(this.#driver).length > 0
  }

  /**
   * Triggers the rules whose threshold the events since the last look have reached: what was not reached before them. One that was
   * triggered less than its window ago is not triggered again.
   */
  check(): void {
    const newest = newestSequence(this.#driver)
    const mark = readMark(this.#driver)
    if (newest === mark) return
    for (const rule of enabledRules(this.#driver)) {
      const now = this.#now()
      if (rule.triggeredAt !== undefined && now - rule.triggeredAt < windowMsOf(rule)) continue
      const matches = countMatches(this.#driver, rule, mark, now)
      if (matches.all < rule.threshold || matches.all - matches.fresh >= rule.threshold) continue
      const triggeredAt = new Date(now).toISOString()
      const triggered = {
        project: this.#project,
        count: matches.all,
        triggeredAt,
        newest: newestMatch(this.#driver, rule, mark, now),
      }
      this.#driver.transaction(() => {
        const body = writeAlertMessage(rule, triggered)
        markTriggered(this.#driver, rule.alertId, now)
        addDelivery(this.#driver, { deliveryId: crypto.randomUUID(), alertId: rule.alertId, body, attempts: 0 }, now)
      })
      const { alertId, name, threshold, windowMinutes } = rule
      this.#feed.publishAlert({ alertId, name, threshold, windowMinutes, count: matches.all, createdAt: triggeredAt })
    }
    writeMark(this.#driver, newest)
  }

  /** Sends the messages whose time has come. */
  async deliver(): Promise<void> {
    const due = takeDueDeliveries(this.#driver, this.#now(), LEASE_MS, MAX_SENT)
    await Promise.all(
      due.map(async ({ deliveryId, alertId, body, attempts }) => {
        const rule = findRule(this.#driver, alertId)
        const failure = rule && (await sendWebhook({ id: deliveryId, url: rule.url, secret: rule.secret, body }))
        const pause = PAUSES_MS[attempts - 1]
        const isOver = failure === undefined || pause === undefined
        this.#driver.transaction(() => {
          if (isOver) removeDelivery(this.#driver, deliveryId)
          else putOffDelivery(this.#driver, deliveryId, this.#now() + pause)
          const said = failure !== undefined && isOver ? `${failure}; given up after ${attempts} attempts` : failure
          markOutcome(this.#driver, alertId, said, this.#now())
        })
      }),
    )
  }

  /** When the next message is due: milliseconds since the epoch. */
  nextAt(): number | undefined {
    return nextDeliveryAt(this.#driver)
  }
}
