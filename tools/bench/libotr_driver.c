/*
 * libotr and libgcrypt for the benchmark: both sides of a conversation in one process, through
 * libotr's message interface, as a chat program uses it. Speaks the protocol of
 * engine_process.ts on stdin and stdout; nothing is read or written while time is taken.
 *
 *   gcc -O2 -o libotr_driver libotr_driver.c -lotr -lgcrypt
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gcrypt.h>
/* proto.h and tlv.h must come before message.h, which does not include them itself. */
#include <libotr/proto.h>
#include <libotr/tlv.h>

#include <libotr/context.h>
#include <libotr/instag.h>
#include <libotr/message.h>
#include <libotr/privkey.h>
#include <libotr/userstate.h>
#include <libotr/version.h>

#define PROTOCOL "bench"
#define SECRET "the eagle has landed"
#define MOST_SAMPLES 1000000
#define DIGESTS 64

static void die(const char *what) {
  fprintf(stderr, "libotr_driver: %s\n", what);
  exit(1);
}

static double now_ms(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1e3 + at.tv_nsec / 1e6;
}

/* ---- two sides and what is on its way between them ------------------------------------- */

typedef struct Side {
  const char *name;
  struct Side *other;
  OtrlUserState user;
  int asked, verified, heard;
} Side;

typedef struct {
  Side *to;
  char *text;
} InFlight;

static Side alice = {.name = "alice"}, bob = {.name = "bob"};
static InFlight wire[64];
static int on_wire;
static OtrlPolicy policy = OTRL_POLICY_ALLOW_V2 | OTRL_POLICY_ALLOW_V3;

static OtrlPolicy cb_policy(void *data, ConnContext *context) {
  (void)data, (void)context;
  return policy;
}

static int cb_is_logged_in(void *data, const char *a, const char *p, const char *r) {
  (void)data, (void)a, (void)p, (void)r;
  return 1;
}

static void cb_inject(void *data, const char *a, const char *p, const char *r, const char *text) {
  (void)a, (void)p, (void)r;
  if (on_wire == sizeof wire / sizeof *wire) die("too much on its way");
  wire[on_wire].to = ((Side *)data)->other;
  wire[on_wire++].text = strdup(text);
}

static void cb_smp(void *data, OtrlSMPEvent event, ConnContext *context, unsigned short percent,
                   char *question) {
  Side *side = data;
  (void)context, (void)percent, (void)question;
  if (event == OTRL_SMPEVENT_ASK_FOR_SECRET) side->asked = 1;
  if (event == OTRL_SMPEVENT_SUCCESS) side->verified = 1;
}

static const OtrlMessageAppOps ops = {
    .policy = cb_policy,
    .is_logged_in = cb_is_logged_in,
    .inject_message = cb_inject,
    .handle_smp_event = cb_smp,
};

static ConnContext *context_of(Side *side) {
  return otrl_context_find(side->user, side->other->name, side->name, PROTOCOL, OTRL_INSTAG_BEST,
                           0, NULL, NULL, NULL);
}

static int is_encrypted(Side *side) {
  ConnContext *context = context_of(side);
  return context != NULL && context->msgstate == OTRL_MSGSTATE_ENCRYPTED;
}

static void receive(Side *side, const char *message) {
  char *text = NULL;
  OtrlTLV *tlvs = NULL;
  int internal = otrl_message_receiving(side->user, &ops, side, side->name, PROTOCOL,
                                        side->other->name, message, &text, &tlvs, NULL, NULL, NULL);
  if (!internal && text != NULL) side->heard++;
  otrl_tlv_free(tlvs);
  otrl_message_free(text);
}

static void drain(void) {
  int at;
  for (at = 0; at < on_wire; at++) {
    InFlight next = wire[at];
    receive(next.to, next.text);
    free(next.text);
  }
  on_wire = 0;
}

static void say(Side *side, const char *text) {
  char *sent = NULL;
  int heard = side->other->heard;
  if (otrl_message_sending(side->user, &ops, side, side->name, PROTOCOL, side->other->name,
                           OTRL_INSTAG_BEST, text, NULL, &sent, OTRL_FRAGMENT_SEND_SKIP, NULL,
                           NULL, NULL) || sent == NULL)
    die("a message was not sent");
  receive(side->other, sent);
  otrl_message_free(sent);
  if (on_wire > 0) drain(); /* A heartbeat. */
  if (side->other->heard != heard + 1) die("a message was not heard");
}

static void forget(Side *side) {
  ConnContext *context;
  for (context = side->user->context_root; context != NULL; context = context->next)
    otrl_context_force_plaintext(context);
  otrl_context_forget_all(side->user);
}

static void new_identity(Side *side) {
  FILE *file = tmpfile();
  if (file == NULL) die("no temporary file");
  side->user = otrl_userstate_create();
  if (otrl_privkey_generate_FILEp(side->user, file, side->name, PROTOCOL)) die("no key");
  if (otrl_instag_generate_FILEp(side->user, file, side->name, PROTOCOL)) die("no tag");
  fclose(file);
}

static void ake(const char *query) {
  receive(&bob, query);
  drain();
  if (!is_encrypted(&alice) || !is_encrypted(&bob)) die("a key exchange failed");
}

/* ---- the works: prepare once, step is what is timed, restore after each sample ---------- */

static char *words;
static int turn;
static gcry_mpi_t modulus, base, two, result, exponent;
static gcry_sexp_t private_key, public_key, digests[DIGESTS], signatures[DIGESTS];

static void nothing(void) {}
static void forget_both(void) { forget(&alice), forget(&bob); }

static void fresh_session(void) {
  forget_both();
  ake("?OTRv3?");
  say(&alice, "hello"), say(&bob, "hello");
  turn = 0;
}

static void words_of(size_t length) {
  free(words);
  words = malloc(length + 1);
  memset(words, 'x', length);
  words[length] = 0;
  fresh_session();
}
static void prepare_100(void) { words_of(100); }
static void prepare_10k(void) { words_of(10000); }

static void step_ake_v2(void) { ake("?OTRv2?"); }
static void step_ake_v3(void) { ake("?OTRv3?"); }
static void step_first(void) { ake("?OTRv3?"), say(&alice, "hello"), say(&bob, "hello"); }
static void step_oneway(void) { say(&alice, words); }
static void step_alternating(void) { say(turn++ % 2 ? &bob : &alice, words); }

static void step_smp(void) {
  const unsigned char *secret = (const unsigned char *)SECRET;
  alice.verified = bob.verified = bob.asked = 0;
  otrl_message_initiate_smp(alice.user, &ops, &alice, context_of(&alice), secret, strlen(SECRET));
  drain();
  if (!bob.asked) die("nobody was asked");
  otrl_message_respond_smp(bob.user, &ops, &bob, context_of(&bob), secret, strlen(SECRET));
  drain();
  if (!alice.verified || !bob.verified) die("SMP failed");
}

static void *new_key;
static void step_keygen(void) {
  if (otrl_privkey_generate_start(alice.user, "fresh", PROTOCOL, &new_key)) die("no key started");
  if (otrl_privkey_generate_calculate(new_key)) die("no key made");
}
static void forget_key(void) { otrl_privkey_generate_cancelled(alice.user, new_key); }

/* Secret numbers lie in secure memory, as libotr keeps its own: libgcrypt then takes more care. */
static gcry_mpi_t random_number(unsigned bits) {
  gcry_mpi_t number = gcry_mpi_snew(bits);
  gcry_mpi_randomize(number, bits, GCRY_STRONG_RANDOM);
  gcry_mpi_set_highbit(number, bits - 1);
  return number;
}

static void prepare_power(unsigned bits) {
  gcry_mpi_release(exponent);
  exponent = random_number(bits);
  gcry_mpi_powm(base, two, exponent, modulus);
}
static void prepare_320(void) { prepare_power(320); }
static void prepare_1536(void) { prepare_power(1536); }
static void step_power(void) { gcry_mpi_powm(result, base, exponent, modulus); }
static void step_power_of_two(void) { gcry_mpi_powm(result, two, exponent, modulus); }

static void step_sign(void) {
  int at = turn++ % DIGESTS;
  gcry_sexp_t signature;
  if (gcry_pk_sign(&signature, digests[at], private_key)) die("cannot sign");
  gcry_sexp_release(signatures[at]);
  signatures[at] = signature;
}

static void prepare_signatures(void) {
  turn = 0;
  while (turn < DIGESTS) step_sign();
}

static void step_verify(void) {
  int at = turn++ % DIGESTS;
  if (gcry_pk_verify(signatures[at], digests[at], public_key)) die("a signature does not verify");
}

static gcry_mpi_t part(const char *name) {
  gcry_sexp_t token = gcry_sexp_find_token(private_key, name, 0);
  gcry_mpi_t number = gcry_sexp_nth_mpi(token, 1, GCRYMPI_FMT_USG);
  gcry_sexp_release(token);
  return number;
}

static void prepare_numbers(void) {
  int at;
  modulus = gcry_mpi_new(1536), base = gcry_mpi_new(1536), result = gcry_mpi_new(1536);
  two = gcry_mpi_set_ui(NULL, 2);
  gcry_mpi_release(modulus);
  gcry_mpi_scan(&modulus, GCRYMPI_FMT_HEX,
                "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22"
                "514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6"
                "F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3D"
                "C2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB"
                "9ED529077096966D670C354E4ABC9804F1746C08CA237327FFFFFFFFFFFFFFFF",
                0, NULL);
  private_key = otrl_privkey_find(alice.user, alice.name, PROTOCOL)->privkey;
  if (gcry_sexp_build(&public_key, NULL, "(public-key (dsa (p %m)(q %m)(g %m)(y %m)))", part("p"),
                      part("q"), part("g"), part("y")))
    die("no public key");
  for (at = 0; at < DIGESTS; at++) {
    unsigned char octets[32];
    gcry_mpi_t number;
    gcry_create_nonce(octets, sizeof octets);
    gcry_mpi_scan(&number, GCRYMPI_FMT_USG, octets, sizeof octets, NULL);
    gcry_sexp_build(&digests[at], NULL, "(%m)", number);
    gcry_mpi_release(number);
  }
}

typedef struct {
  const char *engine, *name;
  void (*prepare)(void), (*step)(void), (*restore)(void);
} Work;

static const Work works[] = {
    {"libotr", "keygen", nothing, step_keygen, forget_key},
    {"libotr", "ake-v2", forget_both, step_ake_v2, forget_both},
    {"libotr", "ake-v3", forget_both, step_ake_v3, forget_both},
    {"libotr", "first-messages-v3", forget_both, step_first, forget_both},
    {"libotr", "smp", fresh_session, step_smp, nothing},
    {"libotr", "data-alternating-100", prepare_100, step_alternating, nothing},
    {"libotr", "data-alternating-10k", prepare_10k, step_alternating, nothing},
    {"libotr", "data-oneway-100", prepare_100, step_oneway, nothing},
    {"libotr", "data-oneway-10k", prepare_10k, step_oneway, nothing},
    {"libgcrypt", "modexp-320", prepare_320, step_power, nothing},
    {"libgcrypt", "modexp-1536", prepare_1536, step_power, nothing},
    {"libgcrypt", "modexp-g-320", prepare_320, step_power_of_two, nothing},
    {"libgcrypt", "dsa-sign", prepare_signatures, step_sign, nothing},
    {"libgcrypt", "dsa-verify", prepare_signatures, step_verify, nothing},
};
#define WORKS (sizeof works / sizeof *works)

/* ---- the protocol ---------------------------------------------------------------------- */

static double samples[MOST_SAMPLES];

static void measure(const Work *work, double budget, int batch) {
  int count = 0, at;
  double begin;
  work->prepare();
  begin = now_ms();
  do {
    double start = now_ms(), end;
    for (at = 0; at < batch; at++) work->step();
    end = now_ms();
    samples[count++] = (end - start) / batch;
    work->restore();
  } while (now_ms() - begin < budget && count < MOST_SAMPLES);
  printf("{\"ms\":[");
  for (at = 0; at < count; at++) printf("%s%.9g", at ? "," : "", samples[at]);
  printf("]}\n");
}

static void introduce(const char *engine, const char *version, const char *before) {
  const char *comma = "";
  size_t at;
  printf("%s{\"engine\":\"%s\",\"version\":\"%s\",\"works\":[", before, engine, version);
  for (at = 0; at < WORKS; at++) {
    if (strcmp(works[at].engine, engine) != 0) continue;
    printf("%s\"%s\"", comma, works[at].name);
    comma = ",";
  }
  printf("]}");
}

int main(void) {
  char name[64];
  double budget;
  int batch;
  OTRL_INIT;
  alice.other = &bob, bob.other = &alice;
  new_identity(&alice), new_identity(&bob);
  prepare_numbers();
  printf("{\"engines\":[");
  introduce("libotr", otrl_version(), "");
  introduce("libgcrypt", gcry_check_version(NULL), ",");
  printf("]}\n");
  fflush(stdout);
  while (scanf("%63s %lf %d", name, &budget, &batch) == 3) {
    size_t at;
    for (at = 0; at < WORKS && strcmp(works[at].name, name) != 0; at++) continue;
    if (at == WORKS || batch < 1) printf("{\"error\":\"no such work\"}\n");
    else measure(&works[at], budget, batch);
    fflush(stdout);
  }
  return 0;
}
