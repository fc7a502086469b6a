package intake_test

import (
	"testing"

	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/intake"
)

func TestZonesAreThoseOfTheWorldAndNotOfTheMachine(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Asia/Shanghai", "UTC", "Europe/Berlin", "Etc/GMT+8"} {
		if err := intake.CheckZone(name); err != nil {
			t.Errorf("CheckZone(%q) = %v", name, err)
		}
	}
	for _, name := range []string{"", "Local", "localtime", "posixrules", "Factory", "right/UTC", "posix/UTC", "Mars/Base", "../etc/passwd"} {
		if err := intake.CheckZone(name); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("CheckZone(%q) = %v, want it to be refused", name, err)
		}
	}
}
