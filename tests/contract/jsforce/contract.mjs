// Drives the Salesforce sandbox with jsforce: one function for each thing that a real org can do.
//
// node contract.mjs <address of the sandbox> <client id> <redirect address> <name of who signs in>
// Prints one JSON line for each step and ends with 1 where one failed.

import assert from "node:assert/strict";
import jsforce from "jsforce";

const [, , address, clientId, redirectUri, person] = process.argv;
const oauth2 = new jsforce.OAuth2({ loginUrl: address, clientId, redirectUri, useVerifier: true });
const org = new jsforce.Connection({ oauth2, version: "66.0" });

const steps = { signIn, identity, queries, paging, refresh, writes, collections, composite, describe, limits, search,
                changes, approvals, refusals, signOut }; // prettier-ignore

for (const [name, step] of Object.entries(steps)) {
  try {
    console.log(JSON.stringify({ step: name, found: await step() }));
  } catch (error) {
    console.log(JSON.stringify({ step: name, failed: String(error?.stack ?? error), code: error?.errorCode }));
    process.exitCode = 1;
  }
}

/** What a browser does: open the page, press the button of one person, follow back to the app. */
async function signIn() {
  const asked = oauth2.getAuthorizationUrl({ scope: "api refresh_token openid", state: "a state" });
  const page = await (await fetch(asked)).text();
  const kept = [...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)];
  const form = new URLSearchParams(kept.map(([, name, value]) => [name, unescaped(value)]));
  const button = page.match(new RegExp(`value="(005[0-9A-Za-z]{15})"[^>]*>${person} `));
  assert.ok(button, `a button for ${person}`);
  form.set("person", button[1]);
  const answer = await fetch(new URL("/services/oauth2/authorize", address), {
    method: "POST",
    body: form,
    redirect: "manual",
  });
  const back = new URL(answer.headers.get("location"));
  assert.equal(`${back.origin}${back.pathname}`, redirectUri);
  assert.equal(back.searchParams.get("state"), "a state");
  const user = await org.authorize(back.searchParams.get("code"));
  assert.equal(user.id, button[1]);
  assert.ok(org.refreshToken);
  return { user: user.id };
}

async function identity() {
  const me = await org.identity();
  assert.equal(me.display_name, person);
  return { username: me.username };
}

async function queries() {
  const accounts = await org.query("SELECT Id, Name, (SELECT Id, Email FROM Contacts) FROM Account ORDER BY Id LIMIT 3");
  assert.equal(accounts.records.length, 3);
  assert.ok(accounts.records.every((one) => one.attributes.type === "Account"));
  const found = await org
    .sobject("Order")
    .find({ Status: "Approved", CreatedDate: { $gte: jsforce.Date.YESTERDAY } }, "Id, OrderNumber, Account.Name")
    .sort({ OrderNumber: -1 })
    .limit(5);
  assert.deepEqual(found.map((one) => one.OrderNumber), [...found.map((one) => one.OrderNumber)].sort().reverse());
  const counted = await org.query("SELECT count() FROM Account");
  return { accounts: counted.totalSize };
}

async function paging() {
  const first = await org.query("SELECT Id FROM Task ORDER BY Id");
  assert.equal(first.done, false);
  const second = await org.queryMore(first.nextRecordsUrl);
  const all = await org.query("SELECT Id FROM Task ORDER BY Id").run({ autoFetch: true, maxFetch: 10_000 });
  assert.equal(all.length ?? all.records.length, first.totalSize);
  assert.ok(second.records.every((one) => one.Id > first.records.at(-1).Id));
  return { rows: first.totalSize };
}

/** The access token ends in the middle: jsforce renews it and sends the request again. */
async function refresh() {
  const before = org.refreshToken;
  let renewed = 0;
  org.on("refresh", () => (renewed += 1));
  org.accessToken = "00D5g0000000001!ended";
  const found = await org.query("SELECT Id FROM User LIMIT 1");
  assert.equal(found.records.length, 1);
  assert.equal(renewed, 1);
  return { rotated: org.refreshToken !== before };
}

async function writes() {
  const made = await org.sobject("Task").create({ Subject: "Call back", Status: "Completed", Priority: "Normal" });
  assert.ok(made.success);
  const read = await org.sobject("Task").retrieve(made.id);
  assert.equal(read.Subject, "Call back");
  const changed = await org.sobject("Task").update({ Id: made.id, Subject: "Called back" });
  assert.ok(changed.success);
  assert.equal((await org.sobject("Task").retrieve(made.id)).Subject, "Called back");
  const [account] = (await org.query("SELECT Id, Customer_Number__c FROM Account LIMIT 1")).records;
  const number = account.Customer_Number__c;
  const upserted = await org.sobject("Account").upsert({ Customer_Number__c: number, Phone: "03-0000-0001" }, "Customer_Number__c"); // prettier-ignore
  assert.ok(upserted.success);
  assert.equal((await org.sobject("Account").retrieve(account.Id)).Phone, "03-0000-0001");
  const gone = await org.sobject("Task").destroy(made.id);
  assert.ok(gone.success);
  await assert.rejects(org.sobject("Task").retrieve(made.id), (error) => refused(error, "ENTITY_IS_DELETED", "NOT_FOUND"));
  return { account: account.Id };
}

async function collections() {
  const rows = Array.from({ length: 5 }, (_, n) => ({ Subject: `Call ${n}`, Status: "Completed", Priority: "Normal" }));
  const made = await org.sobject("Task").create(rows);
  assert.ok(made.every((one) => one.success));
  const ids = made.map((one) => one.id);
  const read = await org.sobject("Task").retrieve(ids, { fields: ["Id", "Subject"] });
  assert.deepEqual(read.map((one) => one.Subject), rows.map((one) => one.Subject));
  const mixed = await org.sobject("Task").update([
    { Id: ids[0], Subject: "Changed" },
    { Id: ids[1], Subject: "x".repeat(300) },
  ]);
  assert.deepEqual(mixed.map((one) => one.success), [true, false]);
  const none = await org.sobject("Task").update(
    [
      { Id: ids[2], Subject: "Changed" },
      { Id: ids[3], Subject: "x".repeat(300) },
    ],
    { allOrNone: true },
  );
  assert.ok(none.every((one) => !one.success));
  assert.equal((await org.sobject("Task").retrieve(ids[2])).Subject, "Call 2");
  const gone = await org.sobject("Task").destroy(ids);
  assert.ok(gone.every((one) => one.success));
  return { rows: ids.length };
}

async function composite() {
  const [account] = (await org.query("SELECT Id FROM Account LIMIT 1")).records;
  const data = "/services/data/v66.0";
  const answer = await org.requestPost(`${data}/composite`, {
    allOrNone: true,
    collateSubrequests: false,
    compositeRequest: [
      { method: "POST", url: `${data}/sobjects/Task`, referenceId: "made", body: { Subject: "Note", WhatId: account.Id } },
      { method: "GET", url: `${data}/sobjects/Task/@{made.id}?fields=WhatId`, referenceId: "read" },
    ],
  });
  const [made, read] = answer.compositeResponse;
  assert.deepEqual([made.httpStatusCode, read.httpStatusCode], [201, 200]);
  assert.equal(read.body.WhatId, account.Id);
  return { task: made.body.id };
}

async function describe() {
  const all = await org.describeGlobal();
  assert.ok(all.sobjects.some((one) => one.name === "Order_Claim__c"));
  const order = await org.sobject("Order").describe();
  const status = order.fields.find((one) => one.name === "Status");
  assert.ok(status.picklistValues.some((one) => one.value === "Approved"));
  assert.equal(order.keyPrefix, "801");
  return { objects: all.sobjects.length, fields: order.fields.length };
}

async function limits() {
  const { DailyApiRequests } = await org.limits();
  assert.ok(DailyApiRequests.Remaining < DailyApiRequests.Max);
  assert.equal(org.limitInfo.apiUsage.limit, DailyApiRequests.Max);
  return DailyApiRequests;
}

async function search() {
  const [account] = (await org.query("SELECT Id, Name FROM Account LIMIT 1")).records;
  const word = account.Name.split(" ").at(-1).replace(/[?&|!{}[\]()^~*:\\"'+-]/g, "\\$&");
  const { searchRecords } = await org.search(`FIND {${word}} IN NAME FIELDS RETURNING Account(Id, Name)`);
  assert.ok(searchRecords.some((one) => one.Id === account.Id));
  return { found: searchRecords.length };
}

async function changes() {
  const made = await org.sobject("Task").create({ Subject: "Soon gone" });
  await org.sobject("Task").destroy(made.id);
  const hour = 3_600_000;
  const now = Date.now();
  const updated = await org.sobject("Account").updated(new Date(now - hour), new Date(now + hour));
  const deleted = await org.sobject("Task").deleted(new Date(now - hour), new Date(now + hour));
  assert.ok(updated.ids.length > 0);
  assert.ok(deleted.deletedRecords.some((one) => one.id === made.id));
  return { updated: updated.ids.length };
}

async function approvals() {
  const listed = await org.request("/process/approvals/");
  const act = (actionType, contextId) =>
    org.requestPost("/process/approvals/", { requests: [{ actionType, contextId, comments: "from the contract" }] });
  const [order] = (await org.query("SELECT Id FROM Order WHERE Status = 'In Review' LIMIT 1")).records;
  const [submitted] = await act("Submit", order.Id);
  assert.equal(submitted.instanceStatus, "Pending");
  const [item] = (
    await org.query(`SELECT Id, ProcessInstance.Status FROM ProcessInstanceWorkitem WHERE ProcessInstance.TargetObjectId = '${order.Id}'`)
  ).records;
  assert.equal(item.Id, submitted.newWorkitemIds[0]);
  const [rejected] = await act("Reject", item.Id);
  assert.equal(rejected.instanceStatus, "Rejected");
  return { processes: Object.keys(listed.approvals) };
}

async function refusals() {
  await assert.rejects(org.query("SELECT Colour__c FROM Account"), (error) => refused(error, "INVALID_FIELD"));
  await assert.rejects(org.query("SELECT FROM"), (error) => refused(error, "MALFORMED_QUERY"));
  await assert.rejects(org.sobject("Account").create({ Phone: "1" }), (error) => refused(error, "REQUIRED_FIELD_MISSING", "INSUFFICIENT_ACCESS_OR_READONLY")); // prettier-ignore
  await assert.rejects(org.sobject("Nothing__c").describe(), (error) => refused(error, "NOT_FOUND"));
  return {};
}

async function signOut() {
  const token = org.refreshToken;
  await org.logout({ revoke: true });
  await assert.rejects(oauth2.refreshToken(token), /invalid_grant|expired/);
  return {};
}

function refused(error, ...codes) {
  assert.ok(codes.includes(error.errorCode), `${error.errorCode}: ${error.message}`);
  return true;
}

function unescaped(text) {
  const marks = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'", "&amp;": "&" };
  return text.replace(/&(lt|gt|quot|#x27|amp);/g, (mark) => marks[mark]);
}
