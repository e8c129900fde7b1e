/** A shop on Nest. The lines that record it are marked. */
import 'reflect-metadata'
import { Body, Controller, Get, Module, Post, Query } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { createReplayStackNestExceptionFilter } from '@replaystack/edge/nest'
import { createReplayStackClient, installReplayStackProcessGuards, replaystack } from '@replaystack/edge/node'

const client = createReplayStackClient() // Key and settings come from the environment.
installReplayStackProcessGuards(client) // What waits is flushed before the process ends.

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
app.use(replaystack({ client })) // Records every request.
app.useGlobalFilters(createReplayStackNestExceptionFilter()) // And every error: Nest still responds to it.
await app.listen(Number(process.env['PORT'] ?? 3000))
