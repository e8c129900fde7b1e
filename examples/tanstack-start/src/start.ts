import { recordError } from '@replaystack/edge/fetch'
import { createMiddleware, createStart } from '@tanstack/react-start'

/** TanStack Start responds to errors by itself: the request's event gets them here. */
const recordErrors = createMiddleware().server(async ({ next, request }) => {
  try {
    return await next()
  } catch (error) {
    recordError(error, request)
    throw error
  }
})

export const startInstance = createStart(() => ({ requestMiddleware: [recordErrors] }))
