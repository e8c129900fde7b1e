/** A shop on Nest. The lines that record it are marked. */
import 'reflect-metadata'
import { type ArgumentsHost, Body, Catch, Controller, Get, Module, Post, Query } from '@nestjs/common'
import { BaseExceptionFilter, HttpAdapterHost, NestFactory } from '@nestjs/core'
import { createReplayStackClient, installReplayStackProcessGuards, replaystack } from '@replaystack/edge/node'

const client = createReplayStackClient() // Key and settings come from the environment.
installReplayStackProcessGuards(client) // What waits is flushed before the process ends.
const recorder = replaystack({ client })

/** Records what was thrown: Nest responds to errors by itself, and still does. */
@Catch()
class RecordingFilter extends BaseExceptionFilter {
  override catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp()
    recorder.errorHandler(exception, http.getRequest(), http.getResponse(), () => {})
    super.catch(exception, host)
  }
}

@Controller()
class ShopController {
  @Get('hello')
  greet(@Query('name') name = 'world') {
    return { message: `Hello, ${name}` }
  }

  @Post('orders')
  order(@Body() order: { sku: string; quantity: number }) {
    client.addBreadcrumb('Charging card', { category: 'payment', metadata: order }) // Goes to this request's event.
    if (order.quantity < 1) throw new RangeError(`Nobody orders ${order.quantity} × ${order.sku}`)
    return { id: crypto.randomUUID(), sku: order.sku }
  }
}

@Module({ controllers: [ShopController] })
class ShopModule {}

const app = await NestFactory.create(ShopModule)
app.use(recorder) // Records every request.
app.useGlobalFilters(new RecordingFilter(app.get(HttpAdapterHost).httpAdapter)) // And every error.
await app.listen(Number(process.env['PORT'] ?? 3000))
