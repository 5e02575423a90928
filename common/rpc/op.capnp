@0xe1c4a7d2b3f59601;
# What every privileged operation has in common: the envelope of a call, the shape of an answer, and the annotations
# from which gate, policy, audit and worker take what they need. Nothing here is optional at run time: a method
# without $operation stops the agent from starting.
using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("bulkhead::rpc");

struct Operation {
  name @0 :Text;                 # noun.verb, the same in policy, audit, metrics and documents
  risk @1 :Risk;
  runs @2 :Place = worker;
  capabilities @3 :List(Text);   # all that the worker keeps, e.g. "cap_chown"; nothing else survives
  timeLimitSeconds @4 :UInt16 = 30;  # then the worker and all its children are killed
  locks @5 :List(Text);          # services taken after the account's own lock: as agent/gate/locks.h names them
  summary @6 :Text;              # one sentence for the generated reference

  enum Risk { read @0; mutate @1; destroy @2; }
  enum Place {
    core @0;    # reads of the agent's own records, answered by the dispatcher itself
    worker @1;  # a process of its own
  }
}
annotation operation @0xd2c7a1b3e4f50617 (method) :Operation;

annotation audited @0xe3d8b2c4f5061728 (field) :Void;  # its value is written into the audit record
annotation secret @0xf4e9c3d506172839 (field) :Void;   # never leaves the worker; the audit says "present"
annotation account @0x85fad4e61728394a (field) :Void;  # names the account: the audit's tenant and the first lock;
                                                       # a second such field is the name that it gets

# Who asks, as far as the API knows. The agent treats all of it as audit data, never as authority.
struct Context {
  requestId @0 :Text;     # ULID of the REST request or job
  actor @1 :Text;         # "admin:root", "admin:alice", "job:job_..."
  traceparent @2 :Text;
  dryRun @3 :Bool;        # answer with the changes that would be made; touch nothing
  assumeAccount @4 :Bool; # in a dry run: treat the account as existing, so that later steps can be previewed
  asRecorded @5 :Bool;    # only if the agent's records still ask for just this call; otherwise conflict
}

struct Call(T) {
  context @0 :Context;
  params @1 :T;
}

struct Error {
  code @0 :Text;     # a name from common/core/result.h
  message @1 :Text;
  field @2 :Text;    # the parameter at fault, "" when none
}

# One fact read back from the machine after the act.
struct Evidence {
  check @0 :Text;    # what was looked at: "passwd entry", "http probe"
  detail @1 :Text;   # what was found
}

# One thing that a dry run would do, in order.
struct Change {
  kind @0 :Kind;
  target @1 :Text;   # path, program with arguments, or engine request
  diff @2 :Text;     # unified diff for files, "" otherwise
  enum Kind { writeFile @0; removeFile @1; makeDirectory @2; removeTree @3; run @4; engine @5; kill @6; home @7; }
}

struct Reply(T) {
  union {
    error @0 :Error;
    ok @1 :T;
    preview @2 :List(Change);   # answer to a dry run
  }
  evidence @3 :List(Evidence);
  auditSeq @4 :UInt64;          # sequence number of the intent record, 0 for reads
  externalMicros @5 :UInt64;    # time spent inside other programs and engines
}

struct Nothing {}
