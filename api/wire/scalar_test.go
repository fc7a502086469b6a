package wire_test

import (
	"encoding/json"
	"testing"

	"belfry.dev/belfry/api/wire"
)

func TestScalarsKeepWhatWasWritten(t *testing.T) {
	t.Parallel()
	for _, literal := range []string{`"a\nb"`, `""`, `"587"`, `587`, `-0.50`, `1e3`, `true`, `false`} {
		var s wire.Scalar
		if err := json.Unmarshal([]byte(literal), &s); err != nil {
			t.Errorf("%s is refused: %v", literal, err)
			continue
		}
		if again, err := json.Marshal(s); err != nil || string(again) != literal {
			t.Errorf("%s comes out as %s (%v)", literal, again, err)
		}
	}
}

func TestScalarsAreNoObjectsNorNull(t *testing.T) {
	t.Parallel()
	for _, literal := range []string{`null`, `{}`, `[]`, `[1]`} {
		var values map[string]wire.Scalar
		if err := json.Unmarshal([]byte(`{"x":`+literal+`}`), &values); err == nil {
			t.Errorf("%s is taken for %v", literal, values)
		}
	}
}

func TestScalarsGoOutAsWhatTheyAre(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]wire.Scalar{
		`587`: wire.NumberScalar("587"), `"many"`: wire.NumberScalar("many"), `"587"`: wire.TextScalar("587"),
		`true`: wire.BooleanScalar("true"), `"yes"`: wire.BooleanScalar("yes"),
	} {
		if got, err := json.Marshal(s); err != nil || string(got) != want {
			t.Errorf("%q goes out as %s (%v), want %s", s.Text, got, err, want)
		}
	}
}
