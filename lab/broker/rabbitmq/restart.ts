/**
 * What `rabbitmqctl eval` runs. It is what `stop_app` and `start_app` do, in one call: the broker's application stops
 * and boots anew from what it has on disk, and all connections are lost. The Erlang machine below it lives on, and so
 * do the ports and the container.
 */
export const RESTART_EXPRESSION = 'rabbit:stop(), rabbit:start().'
