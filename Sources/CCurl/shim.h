#include <curl/curl.h>

// Swift cannot call functions with variable arguments; one with fixed ones for each type that is used.

static inline CURLcode corrparse_curl_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode corrparse_curl_set_number(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode corrparse_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode corrparse_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode corrparse_curl_set_receiver(
    CURL *handle, size_t (*receiver)(char *, size_t, size_t, void *), void *context) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receiver);
  return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_WRITEDATA, context) : code;
}

static inline CURLcode corrparse_curl_get_number(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}

// Their definitions are casts, which Swift does not import.
static const long corrparse_curl_auth_basic = (long)CURLAUTH_BASIC;
static const long corrparse_curl_auth_bearer = (long)CURLAUTH_BEARER;

static inline CURLcode corrparse_curl_set_head_receiver(
    CURL *handle, size_t (*receiver)(char *, size_t, size_t, void *), void *context) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, receiver);
  return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_HEADERDATA, context) : code;
}

static inline CURLMcode corrparse_curl_multi_set_number(CURLM *handle, CURLMoption option, long value) {
  return curl_multi_setopt(handle, option, value);
}

// How the transfer that ended last did; CURLE_AGAIN while it goes on.
static inline CURLcode corrparse_curl_multi_result(CURLM *handle) {
  CURLcode code = CURLE_AGAIN;
  int left = 0;
  CURLMsg *message;
  while ((message = curl_multi_info_read(handle, &left))) {
    if (message->msg == CURLMSG_DONE) { code = message->data.result; }
  }
  return code;
}

// Macros that Swift imports as other types than the functions take.
static const size_t corrparse_curl_pause = CURL_WRITEFUNC_PAUSE;
static const int corrparse_curl_continue = CURLPAUSE_CONT;
static const long corrparse_curl_http_1_1 = (long)CURL_HTTP_VERSION_1_1;
