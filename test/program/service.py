import os
import signal
import time

import pika

stopping = False
working = False


def stop(number, frame):
    global stopping
    stopping = True
    if not working:
        raise KeyboardInterrupt


def connect():
    while True:
        try:
            print('Attempting to connect to RabbitMQ...')
            connection = pika.BlockingConnection(pika.URLParameters(os.environ.get('AMQP_URL', 'amqp://localhost')))
            print('Successfully connected to RabbitMQ!')
            return connection
        except pika.exceptions.AMQPConnectionError as e:
            delay = int(os.environ.get('RETRY_DELAY_MS', '5000')) / 1000
            print(f'RabbitMQ connection failed: {e}. Retrying in {delay} seconds...')
            time.sleep(delay)


def callback(ch, method, properties, body):
    global working
    if stopping:
        return
    working = True
    print(f' [x] Received {body.decode()}')
    time.sleep(body.count(b'.') * int(os.environ.get('DOT_MS', '1000')) / 1000)
    print(' [x] Done')
    ch.basic_ack(delivery_tag=method.delivery_tag)
    working = False
    if stopping:
        ch.stop_consuming()


def main():
    queue = os.environ.get('QUEUE', 'task_queue')
    connection = connect()
    channel = connection.channel()
    channel.queue_declare(queue=queue, durable=True)
    print(f'Declared queue: {queue}')
    print(' [*] Waiting for messages. To exit press CTRL+C')
    channel.basic_qos(prefetch_count=int(os.environ.get('PREFETCH', '1')))
    channel.basic_consume(queue=queue, on_message_callback=callback)
    channel.start_consuming()
    connection.close()


if __name__ == '__main__':
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    try:
        main()
    except KeyboardInterrupt:
        pass
    print('Exiting consumer')
