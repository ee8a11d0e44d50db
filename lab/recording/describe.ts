import type { RecordedEvent } from './recording.ts'

/** One line of plain English for an event: 'the broker sent basic.deliver on connection 1'. */
export function describe(event: RecordedEvent): string {
  switch (event.kind) {
    case 'frame':
      return `${event.from === 'student' ? 'your service' : 'the broker'} sent ${event.method} on connection ${event.connection}`
    case 'tcp':
      return describeTcp(event)
    case 'fault':
      return `the lab switched '${event.name}' ${event.on ? 'on' : 'off'}`
    case 'process':
      return describeProcess(event)
    case 'called':
    case 'asked':
      return `the lab asked for '${event.name}'`
    case 'told':
      return `the driver reported '${event.name}'`
    case 'broker':
      return `the broker: ${event.what}`
    case 'mark':
      return `the scenario reached '${event.name}'`
    case 'awaited':
      return `the lab waited ${event.limitMs} ms for ${event.what}`
    case 'cut-off':
      return 'the lab cut the scenario off'
    case 'finding':
      return event.sentence
    case 'site':
    case 'socket':
      return ''
  }
}

function describeTcp(event: Extract<RecordedEvent, { kind: 'tcp' }>): string {
  const by = event.by === 'student' ? 'your service' : event.by === 'broker' ? 'the broker' : 'the lab'
  switch (event.what) {
    case 'accepted':
      return `your service opened connection ${event.connection}`
    case 'ended':
      return `${by} closed connection ${event.connection}`
    case 'reset':
      return `${by} reset connection ${event.connection}`
    case 'upstream-failed':
      return `the broker couldn't be reached for connection ${event.connection}`
  }
}

function describeProcess(event: Extract<RecordedEvent, { kind: 'process' }>): string {
  switch (event.what) {
    case 'started':
      return 'your process started'
    case 'loaded':
      return 'your file was loaded'
    case 'stdout':
    case 'stderr':
      return `your process printed '${event.text ?? ''}'`
    case 'signalled':
      return `the lab sent ${event.signal} to your process`
    case 'exited':
      return `your process ended with ${event.signal ? `signal ${event.signal}` : `code ${event.code}`}`
  }
}
