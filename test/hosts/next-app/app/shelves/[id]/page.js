export const dynamic = 'force-dynamic'

export default async function Shelf({ params }) {
  throw new RangeError(`page ${(await params).id}`)
}
