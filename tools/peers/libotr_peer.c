/*
 * libotr as a peer: one conversation of libotr 4, spoken in JSON Lines on stdin and stdout
 * (docs/interop/otr.md, "The peer protocol").
 *
 *   gcc -O2 -o libotr_peer libotr_peer.c -lotr -lgcrypt
 *   libotr_peer [--home DIR]      keys and instance tags are kept in DIR, or in memory only
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

#define PROTOCOL "peer"
#define OTHER "other"
#define DEEPEST 32

/* ---- a growing string ------------------------------------------------------------------ */

typedef struct {
  char *at;
  size_t length, room;
} Text;

static void text_add(Text *text, const char *bytes, size_t count) {
  if (text->length + count + 1 > text->room) {
    text->room = (text->length + count + 1) * 2;
    text->at = realloc(text->at, text->room);
    if (text->at == NULL) abort();
  }
  memcpy(text->at + text->length, bytes, count);
  text->length += count;
  text->at[text->length] = 0;
}

static void text_adds(Text *text, const char *words) { text_add(text, words, strlen(words)); }

/* Length of the well-formed UTF-8 sequence at `bytes`, or 0 (Unicode, table 3-7). */
static size_t utf8_sequence(const unsigned char *bytes, size_t left) {
  unsigned char first = bytes[0];
  size_t length, i;
  unsigned char low = 0x80, high = 0xbf;
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) length = 2;
  else if (first >= 0xe0 && first <= 0xef) length = 3;
  else if (first >= 0xf0 && first <= 0xf4) length = 4;
  else return 0;
  if (first == 0xe0) low = 0xa0;
  if (first == 0xed) high = 0x9f;
  if (first == 0xf0) low = 0x90;
  if (first == 0xf4) high = 0x8f;
  if (length > left) return 0;
  if (bytes[1] < low || bytes[1] > high) return 0;
  for (i = 2; i < length; i++)
    if (bytes[i] < 0x80 || bytes[i] > 0xbf) return 0;
  return length;
}

/* Appends a JSON string; octets that are not UTF-8 become U+FFFD. */
static void text_add_json(Text *text, const char *bytes, size_t count) {
  const unsigned char *at = (const unsigned char *)bytes;
  size_t i = 0;
  text_adds(text, "\"");
  while (i < count) {
    size_t length = utf8_sequence(at + i, count - i);
    if (length == 0) {
      text_adds(text, "\\ufffd");
      i++;
    } else if (at[i] == '"' || at[i] == '\\') {
      char pair[2] = {'\\', (char)at[i]};
      text_add(text, pair, 2);
      i++;
    } else if (at[i] < 0x20 || at[i] == 0x7f) {
      char code[8];
      snprintf(code, sizeof code, "\\u%04x", at[i]);
      text_adds(text, code);
      i++;
    } else {
      text_add(text, bytes + i, length);
      i += length;
    }
  }
  text_adds(text, "\"");
}

/* ---- JSON in: one object a line -------------------------------------------------------- */

typedef enum { J_NULL, J_BOOL, J_NUMBER, J_STRING, J_ARRAY, J_OBJECT } Kind;

typedef struct Json {
  Kind kind;
  double number;       /* J_NUMBER; J_BOOL: 0 or 1 */
  Text string;         /* J_STRING: octets, may hold a NUL */
  Text name;           /* member name, inside an object */
  struct Json *first;  /* J_ARRAY, J_OBJECT */
  struct Json *next;
} Json;

typedef struct {
  const char *at, *end;
} Cursor;

static void json_free(Json *json) {
  while (json != NULL) {
    Json *next = json->next;
    json_free(json->first);
    free(json->string.at);
    free(json->name.at);
    free(json);
    json = next;
  }
}

static void skip_blank(Cursor *in) {
  while (in->at < in->end && strchr(" \t\r\n", *in->at) != NULL && *in->at != 0) in->at++;
}

static int take(Cursor *in, char wanted) {
  skip_blank(in);
  if (in->at >= in->end || *in->at != wanted) return 0;
  in->at++;
  return 1;
}

static int parse_hex4(Cursor *in, unsigned *code) {
  int i;
  *code = 0;
  if (in->end - in->at < 4) return 0;
  for (i = 0; i < 4; i++) {
    char c = *in->at++;
    unsigned digit;
    if (c >= '0' && c <= '9') digit = (unsigned)(c - '0');
    else if (c >= 'a' && c <= 'f') digit = (unsigned)(c - 'a' + 10);
    else if (c >= 'A' && c <= 'F') digit = (unsigned)(c - 'A' + 10);
    else return 0;
    *code = *code * 16 + digit;
  }
  return 1;
}

static void add_code_point(Text *text, unsigned code) {
  char out[4];
  if (code < 0x80) {
    out[0] = (char)code;
    text_add(text, out, 1);
  } else if (code < 0x800) {
    out[0] = (char)(0xc0 | code >> 6);
    out[1] = (char)(0x80 | (code & 0x3f));
    text_add(text, out, 2);
  } else if (code < 0x10000) {
    out[0] = (char)(0xe0 | code >> 12);
    out[1] = (char)(0x80 | (code >> 6 & 0x3f));
    out[2] = (char)(0x80 | (code & 0x3f));
    text_add(text, out, 3);
  } else {
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    text_add(text, out, 4);
  }
}

static int parse_string(Cursor *in, Text *out) {
  text_add(out, "", 0);
  if (!take(in, '"')) return 0;
  while (in->at < in->end) {
    char c = *in->at++;
    if (c == '"') return 1;
    if ((unsigned char)c < 0x20) return 0;
    if (c != '\\') {
      text_add(out, &c, 1);
      continue;
    }
    if (in->at >= in->end) return 0;
    c = *in->at++;
    switch (c) {
      case '"': case '\\': case '/': text_add(out, &c, 1); break;
      case 'b': text_adds(out, "\b"); break;
      case 'f': text_adds(out, "\f"); break;
      case 'n': text_adds(out, "\n"); break;
      case 'r': text_adds(out, "\r"); break;
      case 't': text_adds(out, "\t"); break;
      case 'u': {
        unsigned code, low;
        if (!parse_hex4(in, &code)) return 0;
        if (code >= 0xd800 && code <= 0xdbff && in->end - in->at >= 6 && in->at[0] == '\\' &&
            in->at[1] == 'u') {
          Cursor ahead = {in->at + 2, in->end};
          if (parse_hex4(&ahead, &low) && low >= 0xdc00 && low <= 0xdfff) {
            in->at = ahead.at;
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
          }
        }
        if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd; /* half a surrogate pair */
        add_code_point(out, code);
        break;
      }
      default: return 0;
    }
  }
  return 0;
}

static Json *parse_value(Cursor *in, int depth);

static Json *parse_members(Cursor *in, Json *json, char close, int depth) {
  Json **tail = &json->first;
  if (take(in, close)) return json;
  do {
    Text name = {NULL, 0, 0};
    Json *member = NULL;
    if (close == '}' && (!parse_string(in, &name) || !take(in, ':'))) {
      free(name.at);
      return NULL;
    }
    member = parse_value(in, depth + 1);
    if (member == NULL) {
      free(name.at);
      return NULL;
    }
    member->name = name;
    *tail = member;
    tail = &member->next;
  } while (take(in, ','));
  return take(in, close) ? json : NULL;
}

static int take_word(Cursor *in, const char *word) {
  size_t length = strlen(word);
  if ((size_t)(in->end - in->at) < length || memcmp(in->at, word, length) != 0) return 0;
  in->at += length;
  return 1;
}

static Json *parse_value(Cursor *in, int depth) {
  Json *json = calloc(1, sizeof *json);
  int good = 0;
  if (json == NULL) abort();
  skip_blank(in);
  if (depth <= DEEPEST && in->at < in->end) {
    if (*in->at == '"') {
      json->kind = J_STRING;
      good = parse_string(in, &json->string);
    } else if (*in->at == '{' || *in->at == '[') {
      char close = *in->at == '{' ? '}' : ']';
      json->kind = *in->at == '{' ? J_OBJECT : J_ARRAY;
      in->at++;
      good = parse_members(in, json, close, depth) != NULL;
    } else if (take_word(in, "null")) {
      good = 1;
    } else if (take_word(in, "true")) {
      json->kind = J_BOOL;
      json->number = 1;
      good = 1;
    } else if (take_word(in, "false")) {
      json->kind = J_BOOL;
      good = 1;
    } else if (strchr("-0123456789", *in->at) != NULL && *in->at != 0) {
      char *end;
      json->kind = J_NUMBER;
      json->number = strtod(in->at, &end);
      good = end > in->at && end <= in->end;
      in->at = end;
    }
  }
  if (good) return json;
  json_free(json);
  return NULL;
}

static const Json *member(const Json *object, const char *name) {
  const Json *it;
  for (it = object->first; it != NULL; it = it->next)
    if (strcmp(it->name.at, name) == 0) return it;
  return NULL;
}

static const Text *string_member(const Json *object, const char *name) {
  const Json *it = member(object, name);
  return it != NULL && it->kind == J_STRING ? &it->string : NULL;
}

static int true_member(const Json *object, const char *name) {
  const Json *it = member(object, name);
  return it != NULL && it->kind == J_BOOL && it->number != 0;
}

/* ---- events out ------------------------------------------------------------------------ */

/* emit("inject", "s", "msg", bytes, …): s string, z string of given length, n number, b bool,
   h octets as hex, 0 null. */
static void emit(const char *event, const char *kinds, ...) {
  Text line = {NULL, 0, 0};
  va_list values;
  va_start(values, kinds);
  text_adds(&line, "{\"ev\":");
  text_add_json(&line, event, strlen(event));
  for (; *kinds != 0; kinds++) {
    const char *name = va_arg(values, const char *);
    text_adds(&line, ",");
    text_add_json(&line, name, strlen(name));
    text_adds(&line, ":");
    if (*kinds == 's') {
      const char *value = va_arg(values, const char *);
      text_add_json(&line, value, strlen(value));
    } else if (*kinds == 'z') {
      const char *value = va_arg(values, const char *);
      text_add_json(&line, value, va_arg(values, size_t));
    } else if (*kinds == 'n') {
      char digits[16];
      snprintf(digits, sizeof digits, "%u", va_arg(values, unsigned));
      text_adds(&line, digits);
    } else if (*kinds == 'b') {
      text_adds(&line, va_arg(values, int) ? "true" : "false");
    } else if (*kinds == 'h') {
      const unsigned char *value = va_arg(values, const unsigned char *);
      size_t length = va_arg(values, size_t), i;
      char digits[4];
      text_adds(&line, "\"");
      for (i = 0; i < length; i++) {
        snprintf(digits, sizeof digits, "%02x", value[i]);
        text_adds(&line, digits);
      }
      text_adds(&line, "\"");
    } else {
      text_adds(&line, "null");
    }
  }
  va_end(values);
  text_adds(&line, "}\n");
  fwrite(line.at, 1, line.length, stdout);
  fflush(stdout);
  free(line.at);
}

/* ---- the conversation ------------------------------------------------------------------ */

static OtrlUserState user;
static OtrlPolicy policy;
static int largest;            /* octets of the longest outgoing message; 0: no limit */
static char *account;          /* the identity's name */
static const char *home;       /* folder for keys, or NULL */
static int was_decrypted;      /* the message being received was a Data Message */
static int was_delivered;      /* … was reported by an event already */
static OtrlMessageState shown; /* the state last reported */

static ConnContext *best(void) {
  ConnContext *context =
      otrl_context_find(user, OTHER, account, PROTOCOL, OTRL_INSTAG_BEST, 0, NULL, NULL, NULL);
  if (context == NULL)
    context = otrl_context_find(user, OTHER, account, PROTOCOL, OTRL_INSTAG_MASTER, 1, NULL, NULL,
                                NULL);
  return context;
}

static void emit_state(const ConnContext *context) {
  shown = context->msgstate;
  if (context->msgstate == OTRL_MSGSTATE_ENCRYPTED && context->active_fingerprint != NULL)
    emit("state", "snhh", "state", "encrypted", "version", context->protocol_version, "ssid",
         context->sessionid, (size_t)8, "fingerprint", context->active_fingerprint->fingerprint,
         (size_t)20);
  else
    emit("state", "s", "state",
         context->msgstate == OTRL_MSGSTATE_FINISHED ? "finished" : "plaintext");
}

static OtrlPolicy cb_policy(void *data, ConnContext *context) {
  (void)data, (void)context;
  return policy;
}

static void cb_create_privkey(void *data, const char *name, const char *protocol) {
  (void)data, (void)name, (void)protocol; /* init made it */
}

static int cb_is_logged_in(void *data, const char *name, const char *protocol, const char *to) {
  (void)data, (void)name, (void)protocol, (void)to;
  return 1;
}

static void cb_inject(void *data, const char *name, const char *protocol, const char *to,
                      const char *message) {
  (void)data, (void)name, (void)protocol, (void)to;
  if (*message != 0) emit("inject", "s", "msg", message);
}

static void cb_secure(void *data, ConnContext *context) {
  (void)data;
  emit_state(context);
}

static void cb_insecure(void *data, ConnContext *context) {
  (void)data, (void)context; /* reported after the operation, when the state has settled */
}

static void cb_still_secure(void *data, ConnContext *context, int is_reply) {
  (void)data, (void)is_reply;
  emit_state(context);
}

static int cb_max_message_size(void *data, ConnContext *context) {
  (void)data, (void)context;
  return largest;
}

static void cb_symkey(void *data, ConnContext *context, unsigned use, const unsigned char *about,
                      size_t length, const unsigned char *key) {
  (void)data, (void)context;
  emit("extra_key", "nhh", "use", use, "data", about, length, "key", key,
       (size_t)OTRL_EXTRAKEY_BYTES);
}

static const char *cb_error_message(void *data, ConnContext *context, OtrlErrorCode code) {
  (void)data, (void)context;
  switch (code) {
    case OTRL_ERRCODE_ENCRYPTION_ERROR: return "Error occurred encrypting message.";
    case OTRL_ERRCODE_MSG_NOT_IN_PRIVATE: return "You sent encrypted data, which wasn't expected.";
    case OTRL_ERRCODE_MSG_UNREADABLE: return "You transmitted an unreadable encrypted message.";
    case OTRL_ERRCODE_MSG_MALFORMED: return "You transmitted a malformed data message.";
    default: return "";
  }
}

static void cb_error_message_free(void *data, const char *message) { (void)data, (void)message; }

static void abort_smp_of(ConnContext *context);

static void cb_smp(void *data, OtrlSMPEvent event, ConnContext *context, unsigned short progress,
                   char *question) {
  (void)data, (void)progress;
  switch (event) {
    case OTRL_SMPEVENT_ASK_FOR_SECRET: emit("smp", "s0", "what", "asked", "question"); break;
    case OTRL_SMPEVENT_ASK_FOR_ANSWER:
      emit("smp", "ss", "what", "asked", "question", question == NULL ? "" : question);
      break;
    case OTRL_SMPEVENT_SUCCESS: emit("smp", "s", "what", "success"); break;
    case OTRL_SMPEVENT_FAILURE: emit("smp", "s", "what", "failure"); break;
    case OTRL_SMPEVENT_ABORT: emit("smp", "s", "what", "aborted"); break;
    case OTRL_SMPEVENT_CHEATED:
    case OTRL_SMPEVENT_ERROR:
      emit("smp", "s", "what", event == OTRL_SMPEVENT_ERROR ? "error" : "cheated");
      abort_smp_of(context);
      break;
    default: break;
  }
}

static void cb_event(void *data, OtrlMessageEvent event, ConnContext *context,
                     const char *message, gcry_error_t error) {
  (void)data, (void)context;
  switch (event) {
    case OTRL_MSGEVENT_RCVDMSG_UNENCRYPTED:
      was_delivered = 1;
      emit("plaintext", "sbs", "text", message, "encrypted", 0, "warning", "unencrypted");
      break;
    case OTRL_MSGEVENT_RCVDMSG_GENERAL_ERR:
      was_delivered = 1;
      emit("received_error", "s", "text", message);
      break;
    case OTRL_MSGEVENT_ENCRYPTION_REQUIRED:
    case OTRL_MSGEVENT_LOG_HEARTBEAT_RCVD:
    case OTRL_MSGEVENT_LOG_HEARTBEAT_SENT:
    case OTRL_MSGEVENT_MSG_RESENT:
    case OTRL_MSGEVENT_NONE: break;
    case OTRL_MSGEVENT_ENCRYPTION_ERROR: emit("error", "s", "error", "cannot encrypt"); break;
    case OTRL_MSGEVENT_CONNECTION_ENDED:
      emit("error", "s", "error", "not sent: the other side ended the private conversation");
      break;
    case OTRL_MSGEVENT_SETUP_ERROR: emit("error", "s", "error", gcry_strerror(error)); break;
    case OTRL_MSGEVENT_MSG_REFLECTED: emit("error", "s", "error", "our own message"); break;
    case OTRL_MSGEVENT_RCVDMSG_NOT_IN_PRIVATE:
      emit("error", "s", "error", "an encrypted message came outside of a private conversation");
      break;
    case OTRL_MSGEVENT_RCVDMSG_UNREADABLE:
      emit("error", "s", "error", "an unreadable encrypted message came");
      break;
    case OTRL_MSGEVENT_RCVDMSG_MALFORMED:
      emit("error", "s", "error", "a malformed message came");
      break;
    case OTRL_MSGEVENT_RCVDMSG_UNRECOGNIZED:
      emit("error", "s", "error", "an OTR message of unknown type came");
      break;
    case OTRL_MSGEVENT_RCVDMSG_FOR_OTHER_INSTANCE:
      emit("error", "s", "error", "a message for another instance came");
      break;
  }
}

/* libotr calls this around encryption. It is the only sure sign that a text was decrypted. */
static void cb_convert(void *data, ConnContext *context, OtrlConvertType kind, char **to,
                       const char *from) {
  (void)data, (void)context, (void)from;
  if (kind == OTRL_CONVERT_RECEIVING) was_decrypted = 1;
  *to = NULL;
}

static void cb_convert_free(void *data, ConnContext *context, char *text) {
  (void)data, (void)context;
  free(text);
}

static void cb_timer(void *data, unsigned interval) { (void)data, (void)interval; }

static const OtrlMessageAppOps ops = {
    .policy = cb_policy,
    .create_privkey = cb_create_privkey,
    .is_logged_in = cb_is_logged_in,
    .inject_message = cb_inject,
    .gone_secure = cb_secure,
    .gone_insecure = cb_insecure,
    .still_secure = cb_still_secure,
    .max_message_size = cb_max_message_size,
    .received_symkey = cb_symkey,
    .otr_error_message = cb_error_message,
    .otr_error_message_free = cb_error_message_free,
    .handle_smp_event = cb_smp,
    .handle_msg_event = cb_event,
    .convert_msg = cb_convert,
    .convert_free = cb_convert_free,
    .timer_control = cb_timer,
};

static void abort_smp_of(ConnContext *context) {
  otrl_message_abort_smp(user, &ops, NULL, context);
}

/* ---- operations ------------------------------------------------------------------------ */

static int fits_c(const Text *text, const char *what) {
  if (text == NULL) {
    emit("error", "s", "error", what);
    return 0;
  }
  if (memchr(text->at, 0, text->length) != NULL) {
    emit("error", "s", "error", "libotr cannot carry a NUL character");
    return 0;
  }
  return 1;
}

static char *path_of(const char *suffix) {
  size_t room = strlen(home) + strlen(account) + strlen(suffix) + 2;
  char *path = malloc(room);
  if (path == NULL) abort();
  snprintf(path, room, "%s/%s%s", home, account, suffix);
  return path;
}

/* Reads or makes the identity's key and instance tag. */
static int load_identity(void) {
  char *path = home == NULL ? NULL : path_of(".key");
  gcry_error_t error;
  if (path != NULL) otrl_privkey_read(user, path);
  if (otrl_privkey_find(user, account, PROTOCOL) == NULL) {
    FILE *file = path == NULL ? tmpfile() : fopen(path, "w+b");
    if (file == NULL) {
      free(path);
      return 0;
    }
    if (path != NULL) chmod(path, 0600);
    error = otrl_privkey_generate_FILEp(user, file, account, PROTOCOL);
    fclose(file);
    if (error) {
      free(path);
      return 0;
    }
  }
  free(path);
  path = home == NULL ? NULL : path_of(".instag");
  if (path != NULL) otrl_instag_read(user, path);
  if (otrl_instag_find(user, account, PROTOCOL) == NULL) {
    FILE *file = path == NULL ? tmpfile() : fopen(path, "w+b");
    if (file != NULL) {
      otrl_instag_generate_FILEp(user, file, account, PROTOCOL);
      fclose(file);
    }
  }
  free(path);
  return 1;
}

static int good_name(const Text *name) {
  size_t i;
  if (name == NULL || name->length == 0 || name->length > 64 || name->at[0] == '.') return 0;
  for (i = 0; i < name->length; i++)
    if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-",
               name->at[i]) == NULL || name->at[i] == 0)
      return 0;
  return 1;
}

static void op_init(const Json *op) {
  const Text *name = string_member(op, "name"), *versions = string_member(op, "versions");
  const Json *fragment = member(op, "fragment"), *items = member(op, "policy"), *it;
  unsigned char fingerprint[20];
  char engine[64];
  size_t i;
  if (!good_name(name)) {
    emit("error", "s", "error", "init needs a name of letters, digits, '.', '_' and '-'");
    return;
  }
  policy = OTRL_POLICY_WHITESPACE_START_AKE;
  for (i = 0; versions != NULL && i < versions->length; i++) {
    if (versions->at[i] == '2') policy |= OTRL_POLICY_ALLOW_V2;
    else if (versions->at[i] == '3') policy |= OTRL_POLICY_ALLOW_V3;
    else exit(127);
  }
  if ((policy & OTRL_POLICY_VERSION_MASK) == 0)
    policy |= OTRL_POLICY_ALLOW_V2 | OTRL_POLICY_ALLOW_V3;
  if (true_member(op, "whitespace")) policy |= OTRL_POLICY_SEND_WHITESPACE_TAG;
  for (it = items != NULL && items->kind == J_ARRAY ? items->first : NULL; it != NULL;
       it = it->next) {
    const char *item = it->kind == J_STRING ? it->string.at : "";
    if (strcmp(item, "require") == 0) policy |= OTRL_POLICY_REQUIRE_ENCRYPTION;
    else if (strcmp(item, "no-whitespace-start") == 0) policy &= ~OTRL_POLICY_WHITESPACE_START_AKE;
    else if (strcmp(item, "error-start") == 0) policy |= OTRL_POLICY_ERROR_START_AKE;
    else exit(127);
  }
  largest = fragment != NULL && fragment->kind == J_NUMBER ? (int)fragment->number : 0;
  user = otrl_userstate_create();
  account = strdup(name->at);
  if (!load_identity() ||
      otrl_privkey_fingerprint_raw(user, fingerprint, account, PROTOCOL) == NULL) {
    emit("error", "s", "error", "cannot make a key");
    return;
  }
  snprintf(engine, sizeof engine, "libotr %s", otrl_version());
  emit("ready", "shb", "peer", engine, "fingerprint", fingerprint, (size_t)20, "whitespace", 1);
}

static void op_recv(const Json *op) {
  const Text *message = string_member(op, "msg");
  char *text = NULL;
  OtrlTLV *tlvs = NULL;
  int internal;
  if (!fits_c(message, "recv needs msg")) return;
  was_decrypted = was_delivered = 0;
  internal = otrl_message_receiving(user, &ops, NULL, account, PROTOCOL, OTHER, message->at, &text,
                                    &tlvs, NULL, NULL, NULL);
  if (!internal && !was_delivered)
    emit("plaintext", "sb", "text", text != NULL ? text : message->at, "encrypted", was_decrypted);
  otrl_tlv_free(tlvs);
  otrl_message_free(text);
}

static void op_send(const Json *op) {
  const Text *text = string_member(op, "text");
  char *sent = NULL;
  gcry_error_t error;
  if (!fits_c(text, "send needs text")) return;
  error = otrl_message_sending(user, &ops, NULL, account, PROTOCOL, OTHER, OTRL_INSTAG_BEST,
                               text->at, NULL, &sent, OTRL_FRAGMENT_SEND_ALL, NULL, NULL, NULL);
  if (error) emit("error", "s", "error", gcry_strerror(error));
  else if (sent == NULL) emit("inject", "s", "msg", text->at);
  otrl_message_free(sent);
}

static void op_smp(const Json *op, int answer) {
  const Text *secret = string_member(op, "secret"), *question = string_member(op, "question");
  ConnContext *context = best();
  const unsigned char *octets;
  if (secret == NULL) {
    emit("error", "s", "error", "the secret is missing");
    return;
  }
  if (context->msgstate != OTRL_MSGSTATE_ENCRYPTED) {
    emit("error", "s", "error", "SMP needs a private conversation");
    return;
  }
  octets = (const unsigned char *)secret->at;
  if (answer)
    otrl_message_respond_smp(user, &ops, NULL, context, octets, secret->length);
  else if (question != NULL)
    otrl_message_initiate_smp_q(user, &ops, NULL, context, question->at, octets, secret->length);
  else
    otrl_message_initiate_smp(user, &ops, NULL, context, octets, secret->length);
}

static int run(const Json *op, const char *name) {
  if (strcmp(name, "quit") == 0) return 0;
  if (strcmp(name, "init") == 0 && account == NULL) {
    op_init(op);
    return 1;
  }
  if (account == NULL || strcmp(name, "init") == 0) {
    emit("error", "s", "error", account == NULL ? "init must come first" : "init came twice");
    return 1;
  }
  if (strcmp(name, "query") == 0) {
    char *query = otrl_proto_default_query_msg(account, policy);
    emit("inject", "s", "msg", query);
    free(query);
  } else if (strcmp(name, "recv") == 0) {
    op_recv(op);
  } else if (strcmp(name, "send") == 0) {
    op_send(op);
  } else if (strcmp(name, "smp_start") == 0) {
    op_smp(op, 0);
  } else if (strcmp(name, "smp_answer") == 0) {
    op_smp(op, 1);
  } else if (strcmp(name, "smp_abort") == 0) {
    otrl_message_abort_smp(user, &ops, NULL, best());
  } else if (strcmp(name, "end") == 0) {
    otrl_message_disconnect_all_instances(user, &ops, NULL, account, PROTOCOL, OTHER);
  } else if (strcmp(name, "state") == 0) {
    emit_state(best());
  } else {
    emit("error", "s", "error", "unknown operation");
  }
  if (best()->msgstate != shown) emit_state(best());
  return 1;
}

int main(int argc, char **argv) {
  char *line = NULL;
  size_t room = 0;
  ssize_t length;
  if (argc == 3 && strcmp(argv[1], "--home") == 0) {
    home = argv[2];
    if (mkdir(home, 0700) != 0 && errno != EEXIST) {
      perror(home);
      return 1;
    }
  } else if (argc != 1) {
    fprintf(stderr, "usage: %s [--home DIR]\n", argv[0]);
    return 2;
  }
  OTRL_INIT;
  while ((length = getline(&line, &room, stdin)) > 0) {
    Cursor in = {line, line + length};
    Json *op = parse_value(&in, 0);
    const Text *name = op != NULL && op->kind == J_OBJECT ? string_member(op, "op") : NULL;
    int going = 1;
    if (name == NULL) {
      emit("error", "s", "error", "expected a JSON object with op");
      emit("done", "0", "op");
    } else {
      going = run(op, name->at);
      emit("done", "z", "op", name->at, name->length);
    }
    json_free(op);
    if (!going) break;
  }
  free(line);
  return 0;
}
