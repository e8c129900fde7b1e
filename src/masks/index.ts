/** What can be masked besides secrets, as tables for the option `masks`. */
export type { Mask } from '../types.ts'
export { type PersonalDataOptions, personalData } from './personal-data.ts'
