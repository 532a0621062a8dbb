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
