/** JavaScript by file: URL. What is in here when it is loaded is taken from here; anything else Node loads as it does. */
export declare const sources: Record<string, string>
/** The path of amqplib, compiled; see amqplib.ts. */
export declare const amqplib: string
