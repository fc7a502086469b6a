package house_test

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// rulesSince is the last commit before subjects had rules.
const rulesSince = "bf77f33c"

// subjectLimit is in bytes, so that a list of commits fits a terminal.
const subjectLimit = 72

// subjectForm is "room: verb what", or several rooms: "store, api: read ...".
var subjectForm = regexp.MustCompile(`^[a-z][a-z0-9/._-]*(?:, [a-z][a-z0-9/._-]*)*: ([a-z][a-z-]*),? \S`)

// verbs are what a subject may begin with; add what is missing.
var verbs = strings.Fields(`
	accept acknowledge add adapt address adjust adopt allow announce answer apply archive ask assign attach authenticate avoid
	back batch begin bind block bound break bring build bundle cache call cancel carry catch change check choose claim clean
	clear close collapse collect combine compare compile compute configure confirm connect consume convert copy correct count
	cover create cut decide declare decode default defer define delete deliver deny derive describe detect digest disable
	discard dispatch display divide document draw drop echo embed enable encode end enforce ensure escalate escape evaluate
	exclude execute expect expire explain export expose extend extract fail fall fence fetch filter find finish fit fix flag
	fold follow forbid force forget format forward freeze gather generate give go group guard handle hash hide hold honour ignore
	import include index inherit inject insert inspect install introduce join judge keep kill satisfy want label lay lead learn leave lengthen
	let lift limit link list load localise lock log look lower make map mark mask match measure meet mend merge migrate
	mirror move name narrow need normalise notify number offer omit open order pace parse pass pause pick pin place plan poll
	prefer prepare present preserve prevent print probe produce protect prove provide publish pull purge push put quote raise ration
	reach read rebuild receive recognise record recover redirect reduce refuse register reject relate release reload remember
	remind remove rename render repair repeat replace replay reply report require rescue reset resolve respect respond
	restart restore restrict result resume retain retire retry return reuse reverse revert review revoke rewrite roll rotate
	route run sanitise save say scope seal search see select send separate serve set settle share ship shift slow shorten show shrink
	sign simplify simulate size skip sleep slice sort space speak specify spell split spread stamp start state stay stop
	store stream strengthen strip submit subscribe suggest support suspend sweep switch take target teach tell test think
	throttle tidy tie time tolerate touch trace track translate treat trim trust try tune turn type undo unfold
	unify update upgrade use validate verify version wait wake walk warn watch weigh widen wire withdraw word work wrap write
`)

// TestCommitSubjectsBeginWithAVerb reads the commits since the rule. A shallow clone has few
// of them: it checks those that there are.
func TestCommitSubjectsBeginWithAVerb(t *testing.T) {
	t.Parallel()
	commits, missing := subjectsSince(t, rulesSince)
	switch {
	case missing == "":
	case os.Getenv("CI") == "true":
		t.Fatal(missing)
	default:
		t.Skip(missing)
	}
	none(t, wrongSubjects(commits))
}

// subjectsSince returns "hash subject" of each commit after the one named, or says why
// that is not known.
func subjectsSince(t *testing.T, commit string) (commits []string, missing string) {
	t.Helper()
	if inside, err := git(t, "rev-parse", "--is-inside-work-tree"); err != nil || inside != "true" {
		return nil, "skipped, because git knows of no commits here"
	}
	since := "HEAD"
	if _, err := git(t, "cat-file", "-e", commit+"^{commit}"); err == nil {
		since = commit + "..HEAD"
	} else if shallow, err := git(t, "rev-parse", "--is-shallow-repository"); err != nil || shallow != "true" {
		return nil, "skipped, because commit " + commit + " is not in this repository"
	}
	out, err := git(t, "log", "--no-merges", "--format=%h %s", since)
	if err != nil {
		t.Fatalf("git log %s: %v", since, err)
	}
	return strings.Split(out, "\n"), ""
}

func git(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = root
	out, err := cmd.Output()
	return strings.TrimSpace(string(out)), err
}

// wrongSubjects takes lines "hash subject".
func wrongSubjects(commits []string) []string {
	var wrong []string
	for _, line := range commits {
		_, subject, _ := strings.Cut(line, " ")
		form := subjectForm.FindStringSubmatch(subject)
		switch {
		case line == "":
		case form == nil:
			wrong = append(wrong, fmt.Sprintf("%q does not read \"room: verb what\"", line))
		case !slices.Contains(verbs, form[1]):
			wrong = append(wrong, fmt.Sprintf("%q: %q is no verb that internal/house/commits_test.go knows", line, form[1]))
		case len(subject) > subjectLimit:
			wrong = append(wrong, fmt.Sprintf("%q is longer than %d characters", line, subjectLimit))
		}
	}
	return wrong
}

func TestSubjectsThatAreWrongAreNamed(t *testing.T) {
	t.Parallel()
	cases := map[string]bool{
		"": true,
		"c0ffee channels/email: verify what was signed":           true,
		"c0ffee store, activities: send what is due":              true,
		"c0ffee store: a slow answer moves the clock":             false,
		"c0ffee store: Move the clock":                            false,
		"c0ffee move the clock":                                   false,
		"c0ffee store: move":                                      false,
		"c0ffee store: move " + strings.Repeat("x", subjectLimit): false,
	}
	for line, right := range cases {
		if got := wrongSubjects([]string{line}); (len(got) == 0) != right {
			t.Errorf("wrongSubjects(%q) = %q, want right = %v", line, got, right)
		}
	}
}
