package wire

import (
	"regexp"
	"strconv"
	"strings"

	"belfry.dev/belfry/models"
)

// An entity tag, as RFC 9110 spells it, and one of ours: Apache's httpd and others write into it
// how they compressed the answer.
var (
	tagPattern  = regexp.MustCompile(`^(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*`)
	etagPattern = regexp.MustCompile(`^"([0-9]{1,18})(?:(?:-|--|;)(?:gzip|br|zstd|deflate))?"$`)
)

// Version is the version that an If-Match header insists on, 0 for any. Of several it is the
// greatest: versions grow, so that no smaller one can be the current one any more. Codes:
// malformed-request for what is no list of ETags, stale-version for one that has none of ours.
func Version(ifMatch string) (int64, error) {
	list := strings.Trim(ifMatch, ", \t")
	if ifMatch == "" || list == "*" {
		return 0, nil
	}
	greatest := int64(0)
	for rest := list; rest != ""; rest = strings.TrimLeft(rest, ", \t") { // a list may have empty members
		found := tagPattern.FindStringSubmatch(rest)
		if found == nil {
			return 0, noETag()
		}
		rest = rest[len(found[0]):]
		if rest != "" && rest[0] != ',' {
			return 0, noETag()
		}
		if m := etagPattern.FindStringSubmatch(found[1]); m != nil {
			version, err := strconv.ParseInt(m[1], 10, 64)
			if err != nil {
				return 0, noETag()
			}
			greatest = max(greatest, version)
		}
	}
	if greatest == 0 {
		return 0, models.Errorf(models.CodeStale, "It never had this version.")
	}
	return greatest, nil
}

func noETag() error {
	return &models.Error{
		Code: models.CodeMalformed, Detail: "If-Match is not an ETag.",
		Fields: []models.Field{{Pointer: "header/If-Match", Code: "invalid", Detail: "must be an ETag in double quotes, several with commas, or *"}},
	}
}
