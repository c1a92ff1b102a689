package config

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// cronJob is what is read of a Kubernetes manifest.
type cronJob struct {
	Kind string
	Spec struct {
		Schedule    string
		JobTemplate struct {
			Spec struct {
				Template struct {
					Spec struct {
						ServiceAccountName string `yaml:"serviceAccountName"`
						Containers         []struct {
							Args         []string
							VolumeMounts []struct{ Name, MountPath string } `yaml:"volumeMounts"`
						}
						Volumes []struct{ Name string }
					}
				}
			}
		} `yaml:"jobTemplate"`
	}
}

// TestDeployedJob holds that the manifests of docs/deploy are YAML, and that
// what the job mounts is there.
func TestDeployedJob(t *testing.T) {
	data, err := os.ReadFile("../../docs/deploy/cronjob.yaml")
	if err != nil {
		t.Fatal(err)
	}
	kinds := ""
	for d := yaml.NewDecoder(strings.NewReader(string(data))); ; {
		var m cronJob
		if err := d.Decode(&m); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		kinds += m.Kind + " "
		if m.Kind != "CronJob" {
			continue
		}
		pod := m.Spec.JobTemplate.Spec.Template.Spec
		if m.Spec.Schedule != "0 6 * * 1" || pod.ServiceAccountName != "trimtrail" || len(pod.Containers) != 1 {
			t.Fatalf("%+v", m)
		}
		volumes := ""
		for _, v := range pod.Volumes {
			volumes += " " + v.Name
		}
		for _, v := range pod.Containers[0].VolumeMounts {
			if !strings.Contains(volumes, " "+v.Name) {
				t.Errorf("mounts %s, and there are%s", v.Name, volumes)
			}
		}
	}
	if kinds != "ServiceAccount ConfigMap CronJob " {
		t.Errorf("kinds %q", kinds)
	}
}
