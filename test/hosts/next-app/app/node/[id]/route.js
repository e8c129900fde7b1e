export const runtime = 'nodejs'

export const GET = async () => {
  throw new RangeError('node')
}
