/** Tells the recorder which page it is: to Nitro, all pages are one route. */
export default defineNuxtPlugin(() => {
  const event = useRequestEvent()
  useRouter().afterEach(to => {
    if (event) event.context.pageRoute = to.matched.at(-1)?.path.replaceAll('()', '')
  })
})
