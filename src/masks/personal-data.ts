import type { Mask } from '../types.ts'
import { findEmailAddresses } from './email-addresses.ts'
import type { Finder } from './finder.ts'
import { findIbans } from './ibans.ts'
import { findIpAddresses } from './ip-addresses.ts'
import { findPhoneNumbers } from './phone-numbers.ts'

/** What {@link personalData} finds. */
export interface PersonalDataOptions {
  /** Whether e-mail addresses are masked. @default true */
  emailAddresses?: boolean | undefined
  /** Whether phone numbers are masked: in texts as people write them, and whatever stands under a phone's name. @default true */
  phoneNumbers?: boolean | undefined
  /** Whether international bank account numbers (IBAN) are masked. @default true */
  ibans?: boolean | undefined
  /** Whether IP addresses are masked. @default true */
  ipAddresses?: boolean | undefined
}

const FINDERS: Readonly<Record<keyof PersonalDataOptions, Finder>> = {
  emailAddresses: findEmailAddresses,
  phoneNumbers: findPhoneNumbers,
  ibans: findIbans,
  ipAddresses: findIpAddresses,
}

/** A number without a country, or one that is no text, is known by its name alone. */
const PHONE_FIELDS: readonly string[] = [
  ...['phone', '*phonenumber', '*phoneno', 'homephone', 'workphone', 'userphone', 'customerphone', 'contactphone'],
  ...['billingphone', 'shippingphone', 'deliveryphone', 'cellphone', '*mobilephone', '*telephone', 'telephonenumber'],
  ...[
    'mobile',
    '*mobilenumber',
    'mobileno',
    'tel',
    'telno',
    'fax',
    '*faxnumber',
    'msisdn',
    'whatsapp',
    'whatsappnumber',
  ],
]

/**
 * Masks personal data: e-mail addresses, phone numbers, IBANs and IP addresses, in every text of an event.
 * @throws {TypeError} naming the option, what is allowed and what it got
 * @example
 * app.use(replaystack({ masks: [personalData()] }))
 */
export function personalData(options: PersonalDataOptions = {}): Mask {
  const chosen: Record<string, boolean> = {}
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(FINDERS, name)) throw new TypeError(`personalData has no option ${JSON.stringify(name)}.`)
    if (value !== undefined && typeof value !== 'boolean') {
      throw new TypeError(`The option "${name}" of personalData must be true or false; got ${typeof value}.`)
    }
    chosen[name] = value !== false
  }
  const finders = Object.entries(FINDERS).flatMap(([name, finder]) => (chosen[name] === false ? [] : [finder]))
  return {
    fields: chosen['phoneNumbers'] === false ? [] : PHONE_FIELDS,
    find(text, found) {
      for (const finder of finders) finder(text, found)
    },
  }
}
