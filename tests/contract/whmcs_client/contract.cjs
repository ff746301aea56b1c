// Drives the WHMCS sandbox with whmcs-js: clients, products, invoices and orders, and what goes wrong.
//
// node contract.cjs <address of the sandbox> <identifier> <secret>
// Prints one JSON line for each step. install.py gets the library.

// It asks for node's old punycode, and says so on every start.
process.removeAllListeners("warning");

const assert = require("node:assert/strict");
const { Billing, Clients, Orders, Services, System } = require("whmcs-js");

const [, , address, identifier, secret] = process.argv;
const config = { serverUrl: `${address}/includes/api.php`, identifier, secret };
const billing = new Billing(config);
const clients = new Clients(config);
const orders = new Orders(config);
const services = new Services(config);
const system = new System(config);

async function script_clients() {
  const found = await clients.getClients({ limitnum: 1000, sorting: "DESC" });
  const rows = found.clients.client;
  assert.equal(rows.length, found.totalresults);
  assert.ok(rows[0].id > rows[1].id);
  const { client } = await clients.getClientsDetails({ clientid: rows[0].id, stats: true });
  assert.equal(client.email, rows[0].email);
  return { clients: rows.length };
}

async function script_products() {
  const { products, totalresults } = await orders.getProducts({});
  assert.equal(products.product.length, totalresults);
  const admin = await system.getAdminDetails({});
  assert.equal(admin.result, "success");
  return { products: totalresults };
}

async function script_invoices() {
  const { invoices } = await billing.getInvoices({ limitnum: 1000, orderby: "duedate", order: "desc" });
  const rows = invoices.invoice;
  assert.ok(rows.every((one, at) => at === 0 || rows[at - 1].duedate >= one.duedate));
  const one = await billing.getInvoice({ invoiceid: rows[0].id });
  assert.equal(one.total, rows[0].total);
  return { invoices: rows.length };
}

async function script_orders() {
  const found = await orders.getOrders({ limitnum: 1000 });
  const rows = found.orders.order;
  const service = rows[0].lineitems.lineitem[0].relid;
  const { products } = await clients.getClientsProducts({ serviceid: service });
  assert.equal(products.product[0].orderid, String(rows[0].id));
  return { orders: rows.length };
}

async function script_refusals() {
  const missing = await orders.acceptOrder({ orderid: 999999 });
  assert.equal(missing.result, "error");
  const stranger = new Clients({ ...config, secret: "wrong" });
  const denied = await stranger.getClients({});
  assert.equal(denied.message, "Invalid or missing credentials");
  const gone = await services.moduleCustom({ serviceid: 1, func_name: "reboot" });
  return { refused: missing.message, denied: gone.message };
}

async function main() {
  for (const step of [script_clients, script_products, script_invoices, script_orders, script_refusals]) {
    try {
      console.log(JSON.stringify({ step: step.name, found: await step() }));
    } catch (error) {
      console.log(JSON.stringify({ step: step.name, failed: String(error?.stack ?? error) }));
    }
  }
}

main();
