using System.CommandLine;

var root = new RootCommand("EcgPeft: parameter-efficient fine-tuning of speech and ECG models for ECG segments.");
return root.Parse(args).Invoke();
