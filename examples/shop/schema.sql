CREATE TABLE IF NOT EXISTS products (
  sku TEXT PRIMARY KEY,
  price_cents INTEGER NOT NULL,
  stock INTEGER NOT NULL CHECK (stock >= 0)
);

CREATE TABLE IF NOT EXISTS orders (
  id TEXT PRIMARY KEY,
  sku TEXT NOT NULL REFERENCES products (sku),
  quantity INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'paid'
);

INSERT OR IGNORE INTO products (sku, price_cents, stock) VALUES
  ('teapot', 2400, 120),
  ('samovar', 18900, 3);
