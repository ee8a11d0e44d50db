/** Whatever JSON can hold; by type. */
export const PAYLOADS: Record<string, unknown> = {
  'order.created': {
    order: 4711,
    customer: { name: 'Zoë 山田 🧾', phone: null },
    lines: [
      { photo: 'café.jpg', price: 12.5 },
      { photo: 'a "quoted" \\ name\n', price: 0.1 },
    ],
    gift: false,
  },
  'note.written': 'Größe ändern: 東京',
  'price.changed': 12.5,
  'stock.counted': [3, null, 'three', [], {}],
  'shop.closed': null,
  'stock.sold-out': 0,
  'shop.open': false,
  'note.emptied': '',
  // Texts that look like something else, and an object that looks like what somebody might put around a payload.
  'parcel.sent': { at: '2026-03-29T01:30:00.000Z', day: '2026-03-29', postcode: '01067', weight: '1e3', paid: 'false' },
  'note.dated': '2026-03-29T01:30:00.000Z',
  'note.quoted': '{"order":4711}',
  'counter.read': '0042',
  // Numbers that some languages have no room for, and names without a value.
  'clock.set': { at: 1774747800000, ticks: 9007199254740991, drift: 1e-7, zone: null },
  'mail.forwarded': { type: 'Order.Created', payload: { order: 4711 }, data: null, id: '4711' },
}
/** The last one happens again, just so. */
export const PUBLISHED = [...Object.keys(PAYLOADS), 'counter.read']
