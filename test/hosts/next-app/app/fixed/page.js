export default function Fixed() {
  try {
    throw new RangeError('handled while it is built')
  } catch {
    return <p>fixed</p>
  }
}
