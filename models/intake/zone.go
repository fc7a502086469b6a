package intake

import (
	"strings"
	"time"
	_ "time/tzdata" // accounts name zones that the machine may not have

	"belfry.dev/belfry/models"
)

// CheckZone refuses what is no IANA name. What a machine keeps beside the zones is
// none either: its own zone under two names, and all of them with leap seconds.
func CheckZone(name string) error {
	_, err := time.LoadLocation(name)
	own := name == "" || name == "Local" || name == "localtime" || name == "posixrules" || name == "Factory"
	if err != nil || own || strings.HasPrefix(name, "right/") || strings.HasPrefix(name, "posix/") {
		return models.Invalid("#/time_zone", "unknown-value", "must be an IANA time zone, such as Asia/Shanghai")
	}
	return nil
}
