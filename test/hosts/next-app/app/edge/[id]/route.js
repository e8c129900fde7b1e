export const runtime = 'edge'

export const GET = async () => {
  throw new RangeError('edge')
}
