// What a client written for the vendor does: log in, create, query, upsert, search, describe, and meet a refusal.
const jsforce = require('jsforce');

async function main(base, username, password) {
  const conn = new jsforce.Connection({ loginUrl: base, version: '60.0' });
  await conn.login(username, password);
  const made = await conn.sobject('Contact').create({ LastName: 'Js', MobilePhone: '+447700900999' });
  const queried = await conn.query("SELECT Id FROM Contact WHERE MobilePhone = '+447700900999'");
  const found = await conn.sobject('Contact').find({ LastName: 'Js' }, 'Id, Name').limit(5);
  const external = 'WitiOp_Conversation_Id__c';
  const upserts = [];
  for (const subject of ['first', 'second']) {
    upserts.push(await conn.sobject('Case').upsert({ Subject: subject, [external]: '77' }, external));
  }
  const comments = await conn.sobject('CaseComment').create([
    { ParentId: upserts[0].id, CommentBody: 'a' },
    { CommentBody: 'b' },
  ]);
  const searched = await conn.search('FIND {447700900999} IN PHONE FIELDS RETURNING Contact(Id)');
  const described = await conn.sobject('Case').describe();
  const all = await conn.describeGlobal();
  await conn.sobject('Case').update({ Id: upserts[0].id, Status: 'Closed' });
  const kase = await conn.sobject('Case').retrieve(upserts[0].id);
  const refusal = await conn.query('SELECT Nope FROM Contact').catch((error) => error.errorCode);
  const identity = await conn.identity();
  await conn.sobject('Contact').destroy(made.id);
  await conn.logout();
  return {
    contact: made.id,
    queried: queried.records.map((row) => row.Id),
    found: found.map((row) => row.Id),
    created: upserts.map((one) => one.created),
    comments: comments.map((one) => one.success),
    searched: searched.searchRecords.map((row) => row.Id),
    external: described.fields.find((one) => one.name === external).externalId,
    objects: all.sobjects.map((one) => one.name),
    subject: kase.Subject,
    closed: kase.IsClosed,
    refusal,
    username: identity.username,
  };
}

main(...process.argv.slice(2)).then(
  (seen) => console.log(JSON.stringify(seen)),
  (error) => { console.error(error); process.exit(1); },
);
