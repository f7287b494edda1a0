#include "server/schema/formats.h"

#include <array>
#include <string>

#include "absl/strings/str_cat.h"

namespace tenantry::schema {
namespace {

// ISO 3166-1 alpha-2, as of 2026-01: officially assigned codes.
constexpr char kCountries[] =
    "A[DEFGILMOQRSTUWXZ]|B[ABDEFGHIJLMNOQRSTVWYZ]|C[ACDFGHIKLMNORUVWXYZ]|D[EJKMOZ]"
    "|E[CEGHRST]|F[IJKMOR]|G[ABDEFGHILMNPQRSTUWY]|H[KMNRTU]|I[DELMNOQRST]|J[EMOP]"
    "|K[EGHIMNPRWYZ]|L[ABCIKRSTUVY]|M[ACDEFGHKLMNOPQRSTUVWXYZ]|N[ACEFGILOPRUZ]|OM"
    "|P[AEFGHKLMNRSTWY]|QA|R[EOSUW]|S[ABCDEGHIJKLMNORSTVXYZ]|T[CDFGHJKLMNORTVWZ]"
    "|U[AGMSYZ]|V[ACEGINU]|W[FS]|Y[ET]|Z[AMW]";

// ISO 4217, as of 2026-01. No code ever leaves the list, since rows of the past have it. What was
// withdrawn before 2020 was never in it.
constexpr char kCurrencies[] =
    "AED|AFN|ALL|AMD|ANG|AOA|ARS|AUD|AWG|AZN|BAM|BBD|BDT|BGN|BHD|BIF|BMD|BND|BO[BV]|BRL"
    "|BSD|BTN|BWP|BYN|BZD|CAD|CDF|CH[EFW]|CL[FP]|CNY|CO[PU]|CRC|CU[CP]|CVE|CZK|DJF|DKK"
    "|DOP|DZD|EGP|ERN|ETB|EUR|FJD|FKP|GBP|GEL|GHS|GIP|GMD|GNF|GTQ|GYD|HKD|HNL|HRK|HTG|HUF"
    "|IDR|ILS|INR|IQD|IRR|ISK|JMD|JOD|JPY|KES|KGS|KHR|KMF|KPW|KRW|KWD|KYD|KZT|LAK|LBP|LKR"
    "|LRD|LSL|LYD|MAD|MDL|MGA|MKD|MMK|MNT|MOP|MRU|MUR|MVR|MWK|MX[NV]|MYR|MZN|NAD|NGN|NIO"
    "|NOK|NPR|NZD|OMR|PAB|PEN|PGK|PHP|PKR|PLN|PYG|QAR|RON|RSD|RUB|RWF|SAR|SBD|SCR|SDG|SEK"
    "|SGD|SHP|SL[EL]|SOS|SRD|SSP|STN|SVC|SYP|SZL|THB|TJS|TMT|TND|TOP|TRY|TTD|TWD|TZS|UAH"
    "|UGX|US[DN]|UY[IUW]|UZS|VE[DS]|VND|VUV|WST|XA[FGU]|XB[ABCD]|XC[DG]|XDR|XOF|XP[DFT]"
    "|XSU|XTS|XUA|XXX|YER|ZAR|ZMW|ZW[GL]";

// A label of a host name: letters and digits, hyphens within.
constexpr char kLabel[] = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";

// The WHATWG's definition of `<input type=email>`.
std::string EmailPattern() {
  return absl::StrCat("[a-zA-Z0-9.!#$%&'*+/=?\\^_`{|}~-]+@", kLabel, "(?:\\.", kLabel, ")*");
}

std::string HostnamePattern() { return absl::StrCat(kLabel, "(?:\\.", kLabel, ")*"); }

// RFC 3986, 3 and appendix A: scheme ":" hier-part [ "?" query ] [ "#" fragment ].
std::string UriPattern() {
  const std::string plain = "a-zA-Z0-9._~!$&'()*+,;=-";  // unreserved and sub-delims
  const auto any_of = [&](absl::string_view more) {
    return absl::StrCat("(?:[", more, plain, "]|%[0-9A-Fa-f]{2})");
  };
  const std::string segment = any_of(":@");
  const std::string authority = absl::StrCat("//(?:", any_of(":"), "*@)?(?:\\[[0-9A-Fa-f:.]+\\]|",
                                             any_of(""), "*)(?::[0-9]*)?(?:/", segment, "*)*");
  const std::string path = absl::StrCat("/?(?:", segment, "+(?:/", segment, "*)*)?");
  const std::string rest = absl::StrCat(any_of(":@/?"), "*");
  return absl::StrCat("[a-zA-Z][a-zA-Z0-9+.-]*:(?:", authority, "|", path, ")(?:\\?", rest,
                      ")?(?:#", rest, ")?");
}

std::shared_ptr<const Pattern> Compiled(absl::string_view text) {
  return *Pattern::Compile({text.data(), text.size()});
}

}  // namespace

const TextFormat* FindTextFormat(v1::Format format) {
  static const auto& formats = *new std::array<TextFormat, 8>{{
      {v1::FORMAT_EMAIL, "must be an address for mail, such as ada@example.com",
       Compiled(EmailPattern()), 254},
      {v1::FORMAT_URI, "must be a URI with its scheme, such as https://example.com/",
       Compiled(UriPattern())},
      {v1::FORMAT_HOSTNAME, "must be a host name, such as www.example.com",
       Compiled(HostnamePattern()), 253},
      {v1::FORMAT_SLUG,
       "must be words of lower-case letters and digits with single hyphens between them",
       Compiled("[a-z0-9]+(?:-[a-z0-9]+)*")},
      {v1::FORMAT_PHONE,
       "must be a telephone number with its country, such as +4930123456, without blanks",
       Compiled("\\+[1-9][0-9]{1,14}")},
      {v1::FORMAT_COUNTRY, "must be a country of ISO 3166-1 by its two letters, such as DE",
       Compiled(kCountries)},
      {v1::FORMAT_CURRENCY, "must be a currency of ISO 4217 by its three letters, such as EUR",
       Compiled(kCurrencies)},
      {v1::FORMAT_TIME_ZONE, "must be a time zone of IANA, such as Europe/Berlin",
       Compiled("[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*")},
  }};
  for (const TextFormat& known : formats) {
    if (known.format == format) return &known;
  }
  return nullptr;
}

}  // namespace tenantry::schema
